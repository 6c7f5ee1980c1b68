import { expect, test } from 'vitest';
import type { Daemon } from '../../src/sources/endpoints/control.ts';
import { readPeers } from '../../src/sources/endpoints/daemons.ts';
import type { Peer } from '../../src/sources/endpoints/peers.ts';

const daemon = (pid: number, name: Daemon['name']): Daemon => ({ pid, name, control: { path: '/run/x.vty', folder: '/run' } });
const [bgpd, bfdd] = [daemon(7, 'bgpd'), daemon(8, 'bfdd')];
const peer = (remote: string, what: Peer['what'], state: string): Peer => ({ what, remote, state });
const told = new Map<number, readonly Peer[] | string>([[7, [peer('192.0.2.1', 'bgp-peer', 'Active')]], [8, [peer('192.0.2.1', 'bfd-peer', 'up')]]]);
const ask = ({ pid }: Daemon): Promise<readonly Peer[] | string> => Promise.resolve(told.get(pid) ?? 'gone');

test('a daemon that does not answer in time keeps its neighbours; one that is gone does not', async () => {
  const first = await readPeers(1, undefined, ask, [bgpd, bfdd]);
  expect(first).toMatchObject({ peers: [{ what: 'bgp-peer' }, { what: 'bfd-peer', state: 'up' }], unchecked: [] });
  told.set(8, 'vtysh did not answer within 3 s');
  const second = await readPeers(1, first, ask, [bgpd, bfdd]);
  expect(second).toEqual({ peers: first.peers, unchecked: ['neighbours of bfdd[8]: vtysh did not answer within 3 s'] });
  expect(await readPeers(1, second, ask, [bgpd, bfdd])).toEqual(second);
  told.set(8, []);
  expect((await readPeers(1, second, ask, [bgpd, bfdd])).peers).toMatchObject([{ what: 'bgp-peer' }]);
  expect((await readPeers(1, second, ask, [bgpd])).peers).toMatchObject([{ what: 'bgp-peer' }]);
});
