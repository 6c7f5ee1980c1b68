import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addLabNetns, type LabNetns } from '../../fixtures/rtnetlink/lab.ts';
import { lookupKey } from '../../src/lookup/flow.ts';
import { retrace, type KernelAnswer } from '../../src/lookup/explain-lookup.ts';
import { situationOf, type Situation } from '../../src/lookup/situation.ts';
import type { LookupAnswer } from '../../src/netlink/decode-lookup.ts';
import { parseAddress, type Address } from '../../src/netlink/parse-address.ts';
import { askKernel, readTables } from '../../src/sources/rtnetlink/ask.ts';
import { openNetns, type NetnsHandle } from '../../src/sources/rtnetlink/netns.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { DEVICES, randomTables, type RandomQuestion, type RandomTables } from './random-tables.ts';

const RUNS = Number(process.env['ROUTECAUSE_RUNS'] ?? 200);
const SEED = Number(process.env['ROUTECAUSE_SEED'] ?? Date.now() & 0x7fff_ffff);

const address = (text: string): Address => {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
};
const answerOf = ([used, entry]: readonly LookupAnswer[]): KernelAnswer => {
  if (used?.kind !== 'route') return { errno: used?.errno ?? 0 };
  return { used: used.route, ...(entry?.kind === 'route' ? { entry: entry.route } : {}) };
};

/** A new namespace. Not every line makes sense to the kernel: what it takes is what counts. */
function fresh({ family, lines }: RandomTables): LabNetns {
  const netns = addLabNetns();
  const batch = (options: readonly string[], all: readonly string[]): void => {
    spawnSync('ip', ['-n', basename(netns.path), ...options, '-force', '-batch', '-'], { input: `${all.join('\n')}\n` });
  };
  batch([], DEVICES);
  batch([family === 'ipv4' ? '-4' : '-6'], lines);
  return netns;
}

/** As the product does: what does not agree is looked at again, because the kernel's workers are still busy with a namespace that is new. */
async function judge(handle: NetnsHandle, family: RandomTables['family'], question: RandomQuestion, looked: { again: number }): ReturnType<typeof lookOnce> {
  const first = await lookOnce(handle, situationOf(family, await readTables(handle, family)), question);
  if (first.verdict.said === 'the same') return first;
  looked.again += 1;
  return lookOnce(handle, situationOf(family, await readTables(handle, family)), question);
}

async function lookOnce(handle: NetnsHandle, situation: Situation, question: RandomQuestion): Promise<{ readonly ends: string; readonly verdict: { readonly said: string; readonly kernel: string; readonly strangers: readonly string[] } }> {
  const oif = [...situation.links.values()].find(({ name }) => name === question.oif)?.ifindex;
  const flow = { dst: address(question.dst), mark: question.mark ?? 0, ...(question.from === undefined ? {} : { src: address(question.from) }), ...(oif === undefined ? {} : { oif }) };
  const kernel = answerOf(await askKernel(handle, [{ ...flow, fibMatch: false }, { ...flow, fibMatch: true }]));
  const { walk, agrees, losers } = retrace(lookupKey({ ...flow, uid: 0 }, situation), situation, kernel);
  const text = (value: unknown): string => JSON.stringify(value);
  return { ends: walk.errno === undefined && walk.winner !== undefined ? 'route' : walk.winner === undefined ? 'none' : 'refusal', verdict: {
    said: agrees ? 'the same' : text({ winner: walk.winner, errno: walk.errno, steps: walk.steps.map(step => step.outcome) }), kernel: agrees ? 'the same' : text(kernel),
    strangers: losers.filter(({ route }) => !situation.routes.includes(route) || route === walk.winner).map(({ route }) => text(route)),
  } };
}

describe.skipIf(SKIP_REASON !== undefined)(`routes that the kernel picks${SKIP_REASON === undefined ? '' : ` (${SKIP_REASON})`}`, () => {
  test(`${RUNS} random tables: the one named is the kernel's (ROUTECAUSE_SEED=${SEED})`, { timeout: 300_000 }, async () => {
    const ended = new Map<string, number>();
    const looked = { again: 0 };
    await fc.assert(fc.asyncProperty(randomTables(), async (tables: RandomTables) => {
      const { family, questions } = tables;
      const netns = fresh(tables);
      const handle = openNetns(netns.path);
      try {
        for (const question of questions) {
          const { ends, verdict } = await judge(handle, family, question, looked);
          ended.set(`${family} ${ends}`, (ended.get(`${family} ${ends}`) ?? 0) + 1);
          expect({ question, ...verdict }).toStrictEqual({ question, said: 'the same', kernel: 'the same', strangers: [] });
        }
      } finally {
        handle.close();
        netns.remove();
      }
    }), { numRuns: RUNS, seed: SEED, endOnFailure: process.env['ROUTECAUSE_SHRINK'] === undefined });
    // Once in thousands of questions.
    expect(looked.again).toBeLessThan(3);
    // Tables that the kernel did not take would prove nothing.
    for (const family of ['ipv4', 'ipv6']) {
      expect(ended.get(`${family} route`)).toBeGreaterThan(RUNS / 2);
      expect(ended.get(`${family} refusal`)).toBeGreaterThan(RUNS / 20);
      expect(ended.get(`${family} none`)).toBeGreaterThan(RUNS / 20);
    }
  });
});
