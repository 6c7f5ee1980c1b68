import { describe, expect, test } from 'vitest';
import { createShadowFib } from '../../src/fib/shadow.ts';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { linkBytes, routeBytes, type RouteSpec } from '../attribution/encode.ts';
import { at, NETNS, OTHER_NETNS } from '../model/build.ts';

describe('an address', () => {
  const local4: RouteSpec = { dst: '192.0.2.1/32', table: 255, type: 2, dev: 3 };
  const local6: RouteSpec = { dst: '2001:db8::1/128', table: 255, type: 2, dev: 3 };
  test.each<[string, readonly RouteSpec[], string, boolean]>([
    ['of this host', [local4], '192.0.2.1', true],
    ['of this host, IPv6', [local6], '2001:db8::1', true],
    ['of this host in a VRF', [{ ...local4, table: 1001 }], '192.0.2.1', true],
    ['of a neighbour', [local4], '192.0.2.2', false],
    ['of which only a broadcast is known', [{ ...local4, type: 3 }], '192.0.2.1', false],
    ['of IPv6 that serves as anycast', [{ ...local6, type: 4 }], '2001:db8::1', false],
    ['of another table', [{ ...local4, table: 77 }], '192.0.2.1', false],
    ['that is gone', [local4, { ...local4, deleted: true }], '192.0.2.1', false],
  ])('%s', (_case, specs, address, expected) => {
    const fib = createShadowFib();
    for (const bytes of [linkBytes(16, 5, { name: 'vrf1', vrfTable: 1001 }), ...specs.map(routeBytes)]) fib.applyMessage(NETNS, decodeMessage(bytes), { since: at(1) });
    expect([fib.isOwnAddress(NETNS, address), fib.isOwnAddress(OTHER_NETNS, address)]).toEqual([expected, false]);
  });
});
