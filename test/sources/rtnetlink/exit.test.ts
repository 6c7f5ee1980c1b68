import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../../src/sources/rtnetlink/source.ts');
const LIMIT_MS = 20_000;

/** Needs no root: the namespace of this process may be listened to by anyone. */
test.each([
  ['process.exit while idle', 'setTimeout(() => process.exit(3), 100)', 3],
  ['process.exit in a delivery', 'exitInDelivery = true', 3],
  ['a throw while idle', 'setTimeout(() => { throw new Error("x") }, 100)', 1],
  ['a throw in a delivery', 'throwInDelivery = true', 1],
  ['stop()', 'await source.stop()', 0],
])('a process with an open source ends by %s', (_case, act, status) => {
  const script = `
    const { openRtnetlinkSource } = await import(${JSON.stringify(SOURCE)});
    let exitInDelivery = false, throwInDelivery = false;
    const source = openRtnetlinkSource();
    await source.start(() => { if (exitInDelivery) process.exit(3); if (throwInDelivery) throw new Error('x'); });
    ${act};`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: LIMIT_MS, encoding: 'utf8' });
  expect([run.signal, run.status]).toEqual([null, status]);
}, LIMIT_MS * 2);
