import { expect, test } from 'vitest';
import { changeFlagNames, legFlagNames, routeFlagNames, routeTypeName, scopeName } from '../../src/netlink/names.ts';

test.each([[4, 'anycast'], [6, 'blackhole'], [12, 'type 12'], [255, 'type 255']])('routeTypeName of %i is %s', (type, name) => expect(routeTypeName(type)).toBe(name));
test.each([[0, 'global'], [253, 'link'], [7, '7']])('scopeName of %i is %s', (scope, name) => expect(scopeName(scope)).toBe(name));

test('flag names come lowest bit first, unknown bits without a name', () => {
  expect(legFlagNames(0x11)).toEqual(['dead', 'linkdown']);
  expect(routeFlagNames(0x20004004)).toEqual(['onlink', 'rt_offload', 'rt_offload_failed']);
  expect(changeFlagNames(0xc01)).toEqual(['create', 'append']);
});
