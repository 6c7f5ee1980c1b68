import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { retrace } from '../../src/lookup/explain-lookup.ts';
import { lookupKey } from '../../src/lookup/flow.ts';
import { situationOf, type Situation } from '../../src/lookup/situation.ts';
import type { Route } from '../../src/model/route.ts';
import type { RtMessage } from '../../src/model/rtnetlink.ts';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { parseAddress } from '../../src/netlink/parse-address.ts';
import { readRecording } from '../../src/recording/read.ts';
import { ROOT } from '../source-tree.ts';

/** Rules and devices as a 6.1 kernel told them when two VRFs were made; routes are put in by hand. */
const recording = join(ROOT, 'fixtures/scenarios/first-vrf/6.1-bpftrace0.17/recording.rcr');
const red = { ifindex: 2, table: 1001 };
const port = 9;
const route = (dst: string, table: number, ifindex: number, type = 1): Route =>
  ({ family: 'ipv4', dst, tos: 0, type, table, protocol: 3, scope: 253, flags: 0, metric: 0, nexthops: [{ ifindex, weight: 1, flags: 0 }] });
const routes = [route('192.0.2.0/24', red.table, port), route('10.0.0.0/8', 1002, port), route('0.0.0.0/0', 254, 8), route('192.0.2.1/32', red.table, port, 2)];

let situation: Situation;
beforeAll(async () => {
  const messages: RtMessage[] = [];
  await using reader = await readRecording(recording);
  for await (const observation of reader.observations) {
    const message = observation.kind === 'netlink' ? decodeMessage(observation.bytes) : undefined;
    if (message !== undefined && !('deleted' in message && message.deleted)) messages.push(message);
  }
  const seen = situationOf('ipv4', { messages, neighbours: [], exceptions: [] });
  const link = seen.links.get(red.ifindex);
  if (link === undefined) throw new Error('the recording has no VRF');
  const { infoKind: _, vrfTable: __, ...plain } = link;
  const links = new Map([...seen.links, [port, { ...plain, ifindex: port, name: 'port', master: red.ifindex }]]);
  situation = { ...seen, links, routes, rules: seen.rules.toSorted((a, b) => a.priority - b.priority) };
});

const ask = (dst: string, oif?: number): { readonly winner: string | undefined; readonly because: readonly string[] } => {
  const address = parseAddress(dst);
  if (address === undefined) throw new Error(dst);
  const key = lookupKey({ dst: address, mark: 0, uid: 0, ...(oif === undefined ? {} : { oif }) }, situation);
  const { walk, losers } = retrace(key, situation, { errno: 0 });
  return { winner: walk.winner === undefined ? undefined : `${walk.winner.dst} ${walk.winner.table}`, because: losers.map(({ route: { dst: other, table }, because, step }) => `${other} ${table} ${because} ${step?.outcome.kind ?? ''}`.trim()) };
};

describe('a lookup with VRFs', () => {
  test('outside of them, their tables are not asked', () => {
    expect(ask('192.0.2.9')).toEqual({ winner: '0.0.0.0/0 254', because: ['192.0.2.0/24 1001 not-asked no-match'] });
  });
  test('bound to the VRF: its table, whatever device its routes use', () => {
    expect(ask('192.0.2.9', red.ifindex)).toEqual({ winner: '192.0.2.0/24 1001', because: ['0.0.0.0/0 254 not-asked not-asked'] });
    expect(ask('192.0.2.1', red.ifindex).winner).toBe('192.0.2.1/32 1001');
  });
  test('bound to a port of it: the same', () => {
    expect(ask('192.0.2.9', port).winner).toBe('192.0.2.0/24 1001');
  });
  test('the table of another VRF is not asked', () => {
    expect(ask('10.1.1.1', red.ifindex).winner).toBe('0.0.0.0/0 254');
    expect(ask('10.1.1.1', 3).winner).toBe('10.0.0.0/8 1002');
  });
});
