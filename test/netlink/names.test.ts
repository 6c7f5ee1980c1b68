import { expect, test } from 'vitest';
import { changeFlagNames, legFlagNames, routeTypeName } from '../../src/netlink/names.ts';

test.each([[4, 'anycast'], [6, 'blackhole'], [12, 'type 12'], [255, 'type 255']])('routeTypeName of %i is %s', (type, name) => expect(routeTypeName(type)).toBe(name));

test('flag names come lowest bit first, unknown bits without a name', () => {
  expect(legFlagNames(0x11)).toEqual(['dead', 'linkdown']);
  expect(changeFlagNames(0xc01)).toEqual(['create', 'append']);
});
