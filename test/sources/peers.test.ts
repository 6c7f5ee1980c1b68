import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bfdPeersOf, bgpPeersOf, birdPeersOf } from '../../src/sources/endpoints/peers.ts';

const FRR = JSON.stringify({
  default: { vrfId: 0, vrfName: 'default', '192.0.2.1': { remoteAs: 65000, bgpState: 'Established', hostLocal: '192.0.2.2', hostForeign: '192.0.2.1' } },
  vrf1: { vrfId: 5, vrfName: 'vrf1', 'fdc0::': { bgpState: 'Connect', hostLocal: 'stale' }, eth7: { bgpState: 'Established', bgpNeighborAddr: 'fe80::1', hostLocal: 'fe80::2' }, eth8: { bgpState: 'Idle' } },
});

test('neighbours of FRR, by VRF; one that is known by its device has the address that it was heard from', () => {
  expect(bgpPeersOf(FRR)).toEqual([
    { what: 'bgp-peer', remote: '192.0.2.1', local: '192.0.2.2', state: 'Established' },
    { what: 'bgp-peer', remote: 'fdc0::', vrf: 'vrf1', state: 'Connect' },
    { what: 'bgp-peer', remote: 'fe80::1', local: 'fe80::2', vrf: 'vrf1', state: 'Established' },
  ]);
  expect(bfdPeersOf(JSON.stringify([{ peer: '192.0.2.1', local: '192.0.2.2', vrf: 'default', status: 'up' }, { multihop: true }, 7]))).toEqual([{ what: 'bfd-peer', remote: '192.0.2.1', local: '192.0.2.2', state: 'up' }]);
});

test('neighbours of BIRD', () => {
  const text = ['BIRD 2.0.12 ready.', 'Access restricted', 'Name       Proto      Table      State  Since         Info', 'device1    Device     ---        up     09:00:00.000', '', 'up1        BGP        ---        up     09:00:01.000  Established',
    '  VRF:            vrf1', '  BGP state:          Established', '    Neighbor address: 2001:db8::1%eth0', '    Source address:   2001:db8::2', '', 'up2        BGP        ---        start  09:00:01.000  Active', '  BGP state:          Active', '    Neighbor address: 192.0.2.1'].join('\n');
  expect(birdPeersOf(text)).toEqual([{ what: 'bgp-peer', remote: '2001:db8::1', local: '2001:db8::2', vrf: 'vrf1', state: 'Established' }, { what: 'bgp-peer', remote: '192.0.2.1', state: 'Active' }]);
});

test('whatever a program prints, nothing is thrown', () => {
  for (const text of ['', '{}', '[]', 'null', '{"default":null}', '{"default":{"192.0.2.1":[]}}', '{"a":{"192.0.2.1":{"bgpState":7}}}', '% BGP instance not found']) expect([...bgpPeersOf(text), ...bfdPeersOf(text), ...birdPeersOf(text)]).toEqual([]);
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => { bgpPeersOf(text); bfdPeersOf(text); birdPeersOf(text); }));
});
