import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bfdPeersOf, bfdProtocolsOf, bgpPeersOf, birdPeersOf, birdSessionsOf, type Peer } from '../../src/sources/endpoints/peers.ts';
import { ROOT } from '../source-tree.ts';

const FOLDER = join(ROOT, 'fixtures/daemons');
const MACHINES = readdirSync(FOLDER, { withFileTypes: true }).flatMap(entry => entry.isDirectory() ? [entry.name] : []);
const placeOf = ({ vrf = '', remote }: Peer): string => `${vrf} ${remote}`;
const inOrder = (peers: readonly Peer[] | undefined): readonly Peer[] | undefined => peers?.toSorted((one, other) => placeOf(one) < placeOf(other) ? -1 : 1);
/** What somebody says who has nobody to talk to: it tries now, or a little later. */
const TRYING = expect.stringMatching(/^(Active|Connect|Idle|OpenSent)$/) as unknown as string;

// What fixtures/daemons/stage.sh makes.
describe.each(MACHINES)('what the daemons of %s say', machine => {
  const read = (name: string): string => readFileSync(join(FOLDER, machine, name), 'utf8');
  const vrfs = [{ vrf: {}, near: 'near0', far: 'far0', link: '', suffix: '' }, { vrf: { vrf: 'red' }, near: 'near1', far: 'far1', link: '1', suffix: '-red' }]
    .filter(({ suffix }) => existsSync(join(FOLDER, machine, `up.sessions.to-watch${suffix}.txt`)));
  const established = { what: 'bgp-peer', state: 'Established' } as const;
  const trying = { what: 'bgp-peer', state: TRYING } as const;

  test('neighbours of FRR, in each VRF, but for the one that is shut down', () => {
    expect(inOrder(bgpPeersOf(read('up.bgp.json')))).toEqual(inOrder(vrfs.flatMap(({ vrf, link }) => [
      { ...established, remote: '10.0.0.2', local: '10.0.0.1', ...vrf }, { ...established, remote: 'fd00::2', local: 'fd00::1', ...vrf },
      { ...established, remote: `fe80::ff:fe00:${link}${link === '' ? '' : '0'}2`, local: `fe80::ff:fe00:${link}${link === '' ? '' : '0'}1`, ...vrf },
      { ...trying, remote: '10.0.0.77', ...vrf }, { ...trying, remote: 'fd00::77', ...vrf },
      // Its source is outside of VRFs.
      link === '' ? { ...established, remote: '10.9.9.9', local: '10.8.8.8' } : { ...trying, remote: '10.9.9.9', ...vrf },
    ])));
  });

  test('BFD peers of FRR; packets to those that it found are bound to a device', () => {
    expect(inOrder(bfdPeersOf(read('up.bfd.json')))).toEqual(inOrder(vrfs.flatMap(({ vrf, near }) => [
      { what: 'bfd-peer', remote: '10.0.0.2', local: '10.0.0.1', ...vrf, device: near, state: 'up' },
      { what: 'bfd-peer', remote: 'fd00::2', local: 'fd00::1', ...vrf, device: near, state: 'up' },
      { what: 'bfd-peer', remote: '10.0.0.77', ...vrf, state: 'down' },
    ])));
  });

  test('neighbours of BIRD, but for the one that is disabled and the range', () => {
    expect(inOrder(birdPeersOf(read('up.protocols.txt')))).toEqual(inOrder(vrfs.flatMap(({ vrf, link }) => [
      { ...established, remote: '10.0.0.1', local: '10.0.0.2', ...vrf }, { ...established, remote: 'fd00::1', local: 'fd00::2', ...vrf },
      { ...established, remote: `fe80::ff:fe00:${link}${link === '' ? '' : '0'}1`, local: `fe80::ff:fe00:${link}${link === '' ? '' : '0'}2`, ...vrf },
      { ...trying, remote: '10.0.0.88', ...vrf },
      link === '' ? { ...established, remote: '10.8.8.8', local: '10.9.9.9' } : { ...trying, remote: '10.8.8.8', ...vrf },
    ])));
  });

  test('BFD sessions of BIRD, which has a protocol for each VRF', () => {
    const protocols = bfdProtocolsOf(read('up.protocols.txt'));
    expect(protocols).toEqual(vrfs.map(({ vrf, suffix }) => ({ name: `to-watch${suffix}`, ...vrf })));
    for (const { far, suffix } of vrfs) {
      expect(inOrder(birdSessionsOf(read(`up.sessions.to-watch${suffix}.txt`)))).toEqual(inOrder([
        { what: 'bfd-peer', remote: '10.0.0.1', device: far, state: 'Up' }, { what: 'bfd-peer', remote: 'fd00::1', device: far, state: 'Up' },
        { what: 'bfd-peer', remote: '10.0.0.88', device: far, state: 'Down' },
      ]));
    }
    // Asked without a name.
    expect(birdSessionsOf(read('idle.sessions.txt'))).toBeUndefined();
  });

  test('sessions that fell, and those of the other VRF that did not', () => {
    const stateOf = (peers: readonly Peer[] | undefined, address: string, wanted?: string): string | undefined => peers?.find(({ remote, vrf }) => remote === address && vrf === wanted)?.state;
    for (const address of ['10.0.0.2', 'fd00::2']) {
      expect(stateOf(bgpPeersOf(read('down.bgp.json')), address)).toEqual(TRYING);
      expect(stateOf(bfdPeersOf(read('down.bfd.json')), address)).toMatch(/^(down|init)$/);
      for (const { vrf } of vrfs.slice(1)) expect([bgpPeersOf(read('down.bgp.json')), bfdPeersOf(read('down.bfd.json'))].map(peers => stateOf(peers, address, vrf.vrf))).toEqual(['Established', 'up']);
    }
    for (const address of ['10.0.0.1', 'fd00::1']) {
      expect(stateOf(birdPeersOf(read('down.protocols.txt')), address)).toEqual(TRYING);
      expect(stateOf(birdSessionsOf(read('down.sessions.to-watch.txt')), address)).toMatch(/^(Down|Init)$/);
      for (const { vrf, suffix } of vrfs.slice(1)) expect([stateOf(birdPeersOf(read('down.protocols.txt')), address, vrf.vrf), stateOf(birdSessionsOf(read(`down.sessions.to-watch${suffix}.txt`)), address)]).toEqual(['Established', 'Up']);
    }
  });

  test('daemons that were told nothing have no neighbours', () => {
    expect([bgpPeersOf(read('idle.bgp.json')), bfdPeersOf(read('idle.bfd.json')), birdPeersOf(read('idle.protocols.txt')), bfdProtocolsOf(read('idle.protocols.txt'))]).toEqual([[], [], [], []]);
  });
});

test('there are recordings', () => { expect(MACHINES.length).toBeGreaterThan(0); });

test('what is no answer is not taken for one; whatever a program prints, nothing is thrown', () => {
  const readers = [bgpPeersOf, bfdPeersOf, birdPeersOf, bfdProtocolsOf, birdSessionsOf];
  for (const text of ['', 'null', '7', '% Unknown command', 'BIRD 2.0.12 ready.\nAccess restricted', '{"default":']) expect(readers.map(read => read(text))).toEqual(readers.map(() => undefined));
  for (const text of ['{"default":null}', '{"default":{"192.0.2.1":[]}}', '{"a":{"192.0.2.1":{"bgpState":7}}}']) expect(bgpPeersOf(text)).toEqual([]);
  expect(bfdPeersOf('[{"multihop":true},7]')).toEqual([]);
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => { for (const read of readers) read(text); }));
});
