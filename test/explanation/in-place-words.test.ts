import { describe, expect, test } from 'vitest';
import { inPlaceWords } from '../../src/explanation/in-place-words.ts';
import type { RouteChange } from '../../src/model/attribution.ts';
import type { Route } from '../../src/model/route.ts';
import { at, NETNS } from '../model/build.ts';

const route: Route = { family: 'ipv6', dst: '::/0', tos: 0, type: 1, table: 254, protocol: 9, scope: 0, flags: 0, metric: 1024, nexthops: [{ ifindex: 4, gateway: 'fe80::1', weight: 1, flags: 0 }], pref: 'low', metrics: { hoplimit: 64 }, expiresSec: 600 };
const { expiresSec: _, ...endless } = route;
const change = (now: Route, more: Partial<RouteChange> = {}): RouteChange => ({ netns: NETNS, time: at(2000), change: 'replace', silent: true, route: now, replaced: route, ...more });

describe('inPlaceWords()', () => {
  test.each<[string, Route]>([
    ['preference high instead of low', { ...route, pref: 'high' }], ['mtu 1400', { ...route, metrics: { hoplimit: 64, mtu: 1400 } }], ['hoplimit 32 instead of 64', { ...route, metrics: { hoplimit: 32 } }],
    ['no hoplimit', { ...route, metrics: {} }], ['no end', endless], ['preference medium instead of low, hoplimit 1 instead of 64', { ...route, pref: 'medium', metrics: { hoplimit: 1 } }],
  ])('%s', (words, now) => {
    expect(inPlaceWords(change(now))).toBe(`route ::/0 has ${words} now, without a message`);
  });
  test('an expiry that comes tells how long', () => {
    expect(inPlaceWords(change(route, { replaced: endless }))).toBe('route ::/0 has an end in 600 s now, without a message');
  });
  test.each<[string, RouteChange]>([
    ['what the kernel told', change({ ...route, pref: 'high' }, { silent: false })], ['another end', change({ ...route, expiresSec: 5 })], ['a lost source', change({ ...route, prefsrc: '2001:db8::1' })],
    ['a route that went', change({ ...route, pref: 'high' }, { change: 'delete' })],
  ])('has no words for %s', (_what, one) => {
    expect(inPlaceWords(one)).toBeUndefined();
  });
});
