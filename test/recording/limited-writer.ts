// Records what cannot be compressed until no more fits, goes on observing, and tells what it was told.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootTime } from '../../src/model/time.ts';
import { openRecording } from '../../src/recording/write.ts';
import { HEADER } from './header.ts';

const recording = await openRecording(process.argv[2] ?? '', HEADER);
for (let index = 0; index < 200; index += 1) {
  recording.observe({ kind: 'netlink', time: bootTime(BigInt(index)), source: 'rtnetlink', netns: { inode: 1 }, dump: false, bytes: randomBytes(65_536) });
  await sleep(1);
}
const failed = await recording.failed;
await recording.close();
process.stdout.write(JSON.stringify({ same: failed === recording.failure, message: failed.message }));
