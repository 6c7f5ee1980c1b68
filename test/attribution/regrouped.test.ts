import { expect, test } from 'vitest';
import { createInferrer } from '../../src/attribution/infer.ts';
import type { Observation } from '../../src/model/observation.ts';
import { createTimeline } from '../../src/timeline/merge.ts';
import { drained, dumpMark, netlink, ready } from '../model/build.ts';
import { nexthopBytes, routeBytes } from './encode.ts';

const REPLACE = 0x100;
const member = (id: number, via: string): Uint8Array => nexthopBytes(id, { via, dev: 4 });
const before = [member(12, '192.0.2.3'), member(13, '192.0.2.4'), nexthopBytes(20, { group: [12, 13] }), routeBytes({ dst: '203.0.113.0/24', nhid: 20, legs: [{ via: '192.0.2.3', dev: 4 }, { via: '192.0.2.4', dev: 4 }] })];
const deleted = (seq: number): Uint8Array => nexthopBytes(12, { type: 105, via: '192.0.2.3', dev: 4, seq, portid: 77 });
const regrouped = (seq: number): Uint8Array => nexthopBytes(20, { group: [13], flags: REPLACE, seq, portid: 77 });

/** What is told of routes where nothing is traced, when these messages come one after the other. */
function told(...messages: readonly Uint8Array[]): unknown[] {
  const [timeline, inferrer] = [createTimeline(), createInferrer()];
  const observations: Observation[] = [
    drained(900), dumpMark(910, 'begin'), ...before.map(bytes => netlink(920, bytes, { dump: true })), dumpMark(930, 'end'), ready(1000),
    ...messages.map((bytes, index) => netlink(2000 + index, bytes)), ...Array.from({ length: 60 }, (_, index) => drained(2100 + index * 100)),
  ];
  return [...observations.flatMap(one => timeline.push(one)), ...timeline.flush()].flatMap(one => inferrer.push(one)).concat(inferrer.flush())
    .map(({ verdict }) => verdict.kind === 'caused' ? [verdict.causeId, verdict.confidence, 'id' in verdict.trigger ? verdict.trigger.id : undefined, verdict.rivals.map(({ causeId }) => causeId)] : [verdict.kind]);
}

test.each([
  ['removed before the group is told', [deleted(5), regrouped(5)], [['nexthop-removed', 'likely', 12, []]]],
  ['removed behind it', [regrouped(5), deleted(5)], [['nexthop-removed', 'likely', 12, []]]],
  ['left out by a request of its own: routes are told of, or read again', [regrouped(5)], []],
])('a route on a group of which a member is %s', (_what, messages, expected) => {
  expect(told(...messages)).toEqual(expected);
});
