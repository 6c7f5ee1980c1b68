import { describe, expect, test } from 'vitest';
import { lost, OTHER_NETNS } from '../model/build.ts';
import { asksForRoute, decoy, sysctl, writesOther } from './acts.ts';
import { announce, story, weave, type Story, type WeaveOptions } from './build.ts';
import { routeBytes, type RouteSpec } from './encode.ts';
import { LINE_UPS } from './line-ups.ts';
import type { Suspect } from './suspects.ts';
import { attributions, verdictOf, type Verdict } from './verdicts.ts';

/** Of the route in question only, not of what others do meanwhile. */
const told = (route: RouteSpec, one: Story, options?: WeaveOptions): readonly Verdict[] => attributions(weave(one, options))
  .filter(({ change }) => change.netns.cookie === 1n && change.route.dst === route.dst && change.route.nexthops[0]?.ifindex === 4).map(verdictOf);
const isOf = ({ cause, actor }: Suspect): unknown => expect.objectContaining({ cause, actor, confidence: actor === 'unknown' ? 'likely' : 'proved' });
const untapped = (one: Story): Story => ({ ...one, records: one.records.filter(record => record.kind !== 'probe' || record.type !== 'notify') });

/** What others do meanwhile: writes of sysctls, routes, the same route in another namespace and over another device. */
const others = (ms: number, route: RouteSpec): Story => story(writesOther(sysctl, ms), asksForRoute(decoy, ms + 10, { dst: '10.9.0.0/16', dev: 4, via: '192.0.2.9' }, { seq: 3 }),
  announce(decoy, ms + 20, routeBytes(route), undefined, OTHER_NETNS), announce(decoy, ms + 30, routeBytes({ ...route, dev: 5 }), undefined));

describe.each(LINE_UPS)('%s', (_look, route, suspects) => {
  const bytes = routeBytes(route);
  const pairs = suspects.flatMap(first => suspects.filter(second => second !== first).map(second => [first.what, second.what, first, second] as const));

  test.each(pairs)('by %s, then by %s: each is proved for its own', (_first, _second, first, second) => {
    expect(told(route, story(first.act(2000, bytes), others(2200, route), second.act(3000, bytes)))).toEqual([isOf(first), isOf(second)]);
  });

  test.each(pairs)('by %s and, before that has ended, by %s: received late, neither is named for the other', (_first, _second, first, second) => {
    const verdicts = told(route, story(others(1900, route), first.act(2000, bytes), second.act(2000.05, bytes)), { delays: [50] });
    expect(verdicts.map(({ cause, actor }) => [cause, actor])).toEqual([first, second].map(({ cause, actor }) => [cause, actor]));
  });

  test.each(pairs)('by %s, of which no tap was seen, then by %s', (_first, _second, first, second) => {
    const verdicts = told(route, story(untapped(first.act(2000, bytes)), others(2200, route), second.act(3000, bytes)));
    expect(verdicts).toEqual([expect.objectContaining({ cause: 'unknown: no-match' }), isOf(second)]);
  });

  test.each(pairs)('by %s, whose tap was lost, then by %s', (_first, _second, first, second) => {
    const verdicts = told(route, story(untapped(first.act(2000, bytes)), lost(1990, 2100), second.act(3000, bytes)));
    expect(verdicts.map(({ cause }) => cause)).toEqual(['unknown: events-lost', second.cause]);
    expect(verdicts.map(({ confidence }) => confidence)).not.toContain('proved');
  });
});
