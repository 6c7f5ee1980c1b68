// Records a tick a millisecond or so for two and a half seconds, then dies without notice. Prints the time of the last.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootTime } from '../../src/model/time.ts';
import { openRecording } from '../../src/recording/write.ts';
import { HEADER } from './header.ts';

const recording = await openRecording(process.argv[2] ?? '', HEADER);
const start = process.hrtime.bigint();
let time = bootTime(0n);
while (time < 2_500_000_000n) {
  time = bootTime(process.hrtime.bigint() - start);
  recording.observe({ kind: 'tick', time, source: 'host', cpu: 0 });
  await sleep(1);
}
writeSync(1, `${time}\n`);
process.kill(process.pid, 'SIGKILL');
