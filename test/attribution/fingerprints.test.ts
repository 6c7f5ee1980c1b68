import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CASES, REQUESTS, SENTINEL, type ToldChange } from '../../fixtures/netlink/cases.ts';
import type { OutputRecord, RouteChangeOutput, Trigger } from '../../src/model/output.ts';
import { readRecording } from '../../src/recording/read.ts';
import { createSession } from '../../src/session.ts';

const folder = join(import.meta.dirname, '../../fixtures/netlink');
const kernels = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name);

async function changesIn(file: string): Promise<RouteChangeOutput[]> {
  await using recording = await readRecording(file);
  const session = createSession(recording.header.session);
  const told: OutputRecord[] = [];
  for await (const observation of recording.observations) told.push(...session.push(observation));
  told.push(...session.flush());
  return told.flatMap(record => record.kind === 'route-change' && record.route.dst !== SENTINEL ? [record] : []);
}

/** Link-local addresses are made from random hardware addresses. */
const dstOf = (dst: string): string => dst.startsWith('fe80:') && dst.endsWith('/128') && dst !== 'fe80::/128' ? 'LL/128' : dst;
const nameOf = (trigger: Trigger): string => trigger.kind === 'sysctl' ? `sysctl ${trigger.name}` : trigger.kind === 'device' && trigger.event !== 'removed' ? `device ${trigger.event ?? 'gone'}` : trigger.kind;
const sorted = (told: readonly ToldChange[]): string[] => told.map(one => one.join(' ')).sort();

describe.each(kernels)('messages alone, recorded on Linux %s', kernel => {
  test.each([...CASES, REQUESTS])('$name', async ({ name, told }) => {
    const changes = await changesIn(join(folder, kernel, `${name}.rcr`));
    expect(sorted(changes.map(({ change, route, cause, trigger }) => [change, dstOf(route.dst), cause.id, nameOf(trigger)]))).toEqual(sorted(told));
    expect(changes.filter(({ confidence, rivals }) => confidence === 'proved' || rivals !== undefined)).toEqual([]);
  });

  test('a request is named by its effect where its message gives no more away, and has no flag that it may not have had', async () => {
    const triggers = (await changesIn(join(folder, kernel, `${REQUESTS.name}.rcr`))).flatMap(({ route, trigger }) => trigger.kind === 'netlink-request' ? [{ dst: route.dst, ...trigger }] : []);
    expect(triggers.map(({ dst, request }) => [dst, request])).toEqual(REQUESTS.names);
    expect(triggers.filter(({ flags }) => flags.includes('excl'))).toEqual([]);
  });

  test.each(CASES)('$name: names nobody who was not there', async ({ name, act }) => {
    const named = (await changesIn(join(folder, kernel, `${name}.rcr`))).flatMap(({ actor }) => actor.argv === undefined || actor.argv.length === 0 ? [] : [actor.argv.join(' ')]);
    expect(named.filter(line => !act.includes(line))).toEqual([]);
  });
});

test('every case that looks like another is told apart from one that is there', () => {
  const names = new Set(CASES.map(({ name }) => name));
  expect(CASES.flatMap(({ looksLike }) => looksLike ?? []).filter(name => !names.has(name))).toEqual([]);
  expect(CASES.filter(({ looksLike }) => looksLike !== undefined).length).toBeGreaterThanOrEqual(CASES.length / 2);
  expect(kernels.flatMap(kernel => CASES.filter(({ name }) => !existsSync(join(folder, kernel, `${name}.rcr`))))).toEqual([]);
});
