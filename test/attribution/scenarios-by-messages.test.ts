import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ChangeOutput } from '../../src/model/output.ts';
import { readRecording } from '../../src/recording/read.ts';
import { isChange } from '../../src/report/happened.ts';
import { createSession } from '../../src/session.ts';
import { readExpected, versionsOf } from '../lab/expectation.ts';
import { judgeByMessages } from '../lab/netlink-judge.ts';

const folder = join(import.meta.dirname, '../../fixtures');
const recordings = join(folder, 'netlink-scenarios');
/** Says in a recording that its act is over. */
const SENTINEL = '10.255.0.1/32';

async function toldOf(file: string): Promise<ChangeOutput[]> {
  await using recording = await readRecording(file);
  const session = createSession(recording.header.session);
  const told: ChangeOutput[] = [];
  for await (const observation of recording.observations) told.push(...session.push(observation).filter(isChange));
  return [...told, ...session.flush().filter(isChange)].filter(change => change.kind !== 'route-change' || change.route.dst !== SENTINEL);
}

describe.each(readdirSync(recordings))('scenarios by messages alone, recorded on Linux %s', kernel => {
  test.each(readdirSync(join(recordings, kernel)).map(file => file.replace('.rcr', '')))('%s: nothing wrong is said of causes, triggers and actors', async name => {
    const told = await toldOf(join(recordings, kernel, `${name}.rcr`));
    const judged = versionsOf(await readExpected(join(folder, 'scenarios', name, 'expected.json'))).map(version => judgeByMessages(version, told));
    const count = ({ told: all, besides }: (typeof judged)[number]): number => all.filter(({ kind }) => kind !== 'right').length + besides.length;
    const [best] = judged.toSorted((one, other) => count(one) - count(other));
    expect(best?.told.filter(({ kind, actor }) => actor === 'wrong' || kind.startsWith('wrong') || kind === 'untold').map(({ kind, actor, what }) => `${kind}, actor ${actor}: ${what}`)).toEqual([]);
    expect(best?.besides).toEqual([]);
    expect(best?.origins).toEqual([]);
    expect(told.filter(({ confidence }) => confidence === 'proved')).toEqual([]);
  });
});
