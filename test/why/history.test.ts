import { describe, expect, test } from 'vitest';
import type { RouteChangeOutput, RouteOutput } from '../../src/model/output.ts';
import type { Nexthop, Route } from '../../src/model/route.ts';
import { observedOrigin, remarks, type History } from '../../src/why/history.ts';
import { parseAddress } from '../../src/netlink/parse-address.ts';
import { anycast } from '../report/records.ts';

const here = { inode: 7 };
const now: Route = { family: 'ipv6', dst: 'fe80::/128', tos: 0, type: 4, table: 255, protocol: 2, scope: 0, flags: 0, metric: 0, nexthops: [{ ifindex: 2, weight: 1, flags: 0 }] };
const then: RouteOutput = { family: 'ipv6', dst: 'fe80::/128', type: 'anycast', table: 255, protocol: 2, scope: 'global', metric: 0, dev: 'd0', ifindex: 2, netns: here };
const changed = (route: Partial<RouteOutput>, rest: Partial<RouteChangeOutput> = {}): RouteChangeOutput => ({ ...anycast, ...rest, route: { ...then, ...route } });
const history = (...changes: readonly RouteChangeOutput[]): History => ({ file: 'x', isOfThisBoot: true, isOfThisNamespace: true, isWhole: true, changes });
const leg = (rest: Partial<Nexthop>): Nexthop => ({ ifindex: 2, weight: 1, flags: 0, ...rest });
const ipv4 = { family: 'ipv4', dst: '203.0.113.0/24', table: 254, type: 1 } as const;
const unicast = { family: 'ipv4', dst: '203.0.113.0/24', table: 254, type: 'unicast' } as const;

describe('observedOrigin', () => {
  test.each<[string, Route, Partial<RouteOutput>]>([
    ['the same route', now, {}],
    ['by a gateway', { ...now, nexthops: [leg({ gateway: 'fe80::9' })] }, { gateway: 'fe80::9' }],
    ['of several legs', { ...now, nexthops: [leg({}), leg({ ifindex: 3 })] }, { nexthops: [{ ifindex: 2, weight: 1 }, { ifindex: 3, weight: 1 }] }],
    ['by a nexthop object, whatever that is by now', { ...now, ...ipv4, nhid: 7, nexthops: [leg({ ifindex: 5 })] }, { ...unicast, nhid: 7 }],
    ['without a leg', { ...now, ...ipv4, type: 6, nexthops: [] }, { ...unicast, type: 'blackhole', dev: undefined, ifindex: undefined } as unknown as Partial<RouteOutput>],
  ])('%s was seen', (_case, route, seen) => {
    expect(observedOrigin(route, history(changed(seen)), here)?.origin.standing).toBe('observed');
  });

  test.each<[string, Route, Partial<RouteOutput>]>([
    ['over another device', now, { ifindex: 3, dev: 'd1' }],
    ['by another router', { ...now, nexthops: [leg({ gateway: 'fe80::9' })] }, { gateway: 'fe80::8' }],
    ['IPv4: by another gateway, so that it came later', { ...now, ...ipv4, nexthops: [leg({ gateway: '192.0.2.9' })] }, { ...unicast, gateway: '192.0.2.8' }],
    ['by another nexthop object', { ...now, ...ipv4, nhid: 7 }, { ...unicast, nhid: 8 }],
    ['of another tos', { ...now, ...ipv4, tos: 16 }, unicast],
    ['in another table', now, { table: 100 }], ['of another metric', now, { metric: 1 }], ['of another type', now, { type: 'local' }], ['in another namespace', now, { netns: { inode: 8 } }],
  ])('one %s is not that one', (_case, route, seen) => {
    expect(observedOrigin(route, history(changed(seen)), here)).toBeUndefined();
  });

  test('of two of one prefix over two devices, each has its own', () => {
    const seen = history(changed({ ifindex: 2 }, { headline: 'on d0' }), changed({ ifindex: 3 }, { headline: 'on d1' }));
    expect(observedOrigin(now, seen, here)?.origin.said.text).toContain('on d0');
    expect(observedOrigin({ ...now, nexthops: [leg({ ifindex: 3 })] }, seen, here)?.origin.said.text).toContain('on d1');
  });
});

describe('remarks', () => {
  const address = parseAddress('fe80::');
  if (address === undefined) throw new Error('no address');
  test('what went over another device is not told as this one', () => {
    const seen = history(changed({ ifindex: 3 }, { change: 'delete', headline: 'on d1' }));
    expect(remarks(address, now, seen, here).map(({ text }) => text)).toStrictEqual([expect.stringMatching(/^Until .* there was anycast fe80::\/128 in table 255.*on d1\.$/)]);
    expect(remarks(address, { ...now, nexthops: [leg({ ifindex: 3 })] }, seen, here).map(({ text }) => text)).toStrictEqual([expect.stringContaining('saw it go')]);
  });
});
