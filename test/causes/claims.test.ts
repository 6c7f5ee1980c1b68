import { describe, expect, test } from 'vitest';
import { readFrames, withoutTracer } from '../../src/attribution/frames.ts';
import { findCauses } from '../../src/causes/cause.ts';
import { CAUSES, causeById } from '../../src/causes/index.ts';
import { readRecording } from '../../src/recording/read.ts';
import { ROOT } from '../source-tree.ts';
import { factsOf, type KernelPath } from './path.ts';
import { IPV4_PATHS } from './paths-ipv4.ts';
import { IPV6_ADDED } from './paths-ipv6-added.ts';
import { IPV6_DELETED } from './paths-ipv6-deleted.ts';
import { NEXTHOP_PATHS } from './paths-nexthop.ts';

const PATHS = [...IPV4_PATHS, ...IPV6_ADDED, ...IPV6_DELETED, ...NEXTHOP_PATHS];
const claims = (path: KernelPath): ReturnType<typeof findCauses> => findCauses(CAUSES, factsOf(path));
const ids = (path: KernelPath): readonly string[] => claims(path).map(({ cause }) => cause.id);
const named = (paths: readonly KernelPath[]): readonly [string, KernelPath][] => paths.map(path => [`${path.effect} of ${path.look}: ${path.what} (${path.from})`, path]);

/** Every cause has to have rows: a new one fails here until it has some, and some of others to be held apart from. */
describe.each(CAUSES.map(({ id }) => [id]))('%s', (id) => {
  const own = PATHS.filter(path => path.is === id);
  const looks = new Set(own.map(({ effect, look }) => `${effect} ${look}`));
  const alike = PATHS.filter(path => path.is !== id && looks.has(`${path.effect} ${path.look}`));

  test.each(named(own))('is claimed, and nothing else is: %s', (_row, path) => { expect(ids(path)).toStrictEqual([id]); });
  test.each(named(alike))('is not claimed: %s', (_row, path) => { expect(ids(path)).not.toContain(id); });
  test('has rows of its own, and as many of other causes for routes that look the same', () => {
    expect(own.length).toBeGreaterThan(0);
    expect(alike.length).toBeGreaterThanOrEqual(own.length);
  });
});

describe('the rows', () => {
  test('are of causes that exist', () => {
    expect(PATHS.filter(({ is }) => causeById(is) === undefined)).toStrictEqual([]);
  });

  test.each(named(PATHS.filter(({ trigger }) => trigger !== undefined)))('tell the trigger: %s', (_row, path) => {
    expect(claims(path).map(({ trigger }) => trigger.kind)).toStrictEqual([path.trigger]);
  });

  // What a compiler inlined, and where it jumped, nobody can make up.
  test.each([...Map.groupBy(PATHS.filter(({ from }) => from.startsWith('recording ')), ({ from }) => from.slice('recording '.length))])('recorded by %s have their stacks there', async (name, paths) => {
    const there = await stacksOf(name);
    for (const { frames, queued = frames } of paths) {
      expect(there).toContain(frames?.join(' < '));
      expect(there).toContain(queued?.join(' < '));
    }
  });
});

async function stacksOf(scenario: string): Promise<ReadonlySet<string>> {
  await using recording = await readRecording(`${ROOT}/fixtures/scenarios/${scenario}/6.1-bpftrace0.17/recording.rcr`);
  const found = new Set<string>();
  for await (const one of recording.observations) if (one.kind === 'stack') found.add(readFrames(withoutTracer(one.frames)).frames.join(' < '));
  return found;
}
