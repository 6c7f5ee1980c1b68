import { expect, test } from 'vitest';
import { decodeNsid } from '../../src/netlink/decode-nsid.ts';
import { builder } from './build.ts';

test.each([true, false])('ids of namespaces, little-endian %s', (little) => {
  const wire = builder(little);
  const body = wire.u32(0);
  expect(decodeNsid(wire.message(88, body, wire.attribute(1, wire.u32(7))), little)).toEqual({ event: 'new', nsid: 7 });
  expect(decodeNsid(wire.message(89, body, wire.attribute(1, wire.u32(0))), little)).toEqual({ event: 'deleted', nsid: 0 });
  // NETNSA_NSID_NOT_ASSIGNED
  expect(decodeNsid(wire.message(88, body, wire.attribute(1, wire.u32(-1))), little)).toBeUndefined();
  expect(decodeNsid(wire.message(88, body, wire.attribute(4, wire.u32(7))), little)).toBeUndefined();
  expect(decodeNsid(wire.message(16, body, wire.attribute(1, wire.u32(7))), little)).toBeUndefined();
  expect(decodeNsid(wire.message(88, body, wire.attribute(1, wire.u32(7))).subarray(0, 24), little)).toBeUndefined();
  expect(decodeNsid(new Uint8Array(3), little)).toBeUndefined();
});
