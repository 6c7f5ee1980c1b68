import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodePacket } from '../../../src/icmp/decode.ts';
import type { Observation, PacketObservation } from '../../../src/model/observation.ts';
import { createIcmpListener } from '../../../src/sources/icmp/listen.ts';
import { mayListen } from '../../../src/sources/icmp/sockets.ts';

const run = (command: string): string => execFileSync('bash', ['-ec', command], { encoding: 'utf8' });
const python = join(import.meta.dirname, '../../../fixtures/scenarios/nd.py');
const canRun = process.getuid?.() === 0 && mayListen();
const [near, far] = [`rch-${process.pid}`, `rchf-${process.pid}`];

/** Two namespaces with a cable between them; both ends have their addresses. */
async function inCable(act: (path: string) => Promise<void>): Promise<void> {
  run(`ip netns add ${near}; ip netns add ${far}; ip link add n0 netns ${near} type veth peer name f0 netns ${far}
    for ns in ${near} ${far}; do nsenter --net=/run/netns/$ns sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.n0.accept_dad=0 net.ipv6.conf.f0.accept_dad=0 2> /dev/null || true; done
    ip -n ${near} link set n0 up; ip -n ${far} link set f0 up
    until ip -n ${far} -6 addr show dev f0 scope link -tentative | grep -q fe80 && ip -n ${near} -6 addr show dev n0 scope link -tentative | grep -q fe80; do :; done`);
  try {
    await act(`/run/netns/${near}`);
  } finally {
    run(`ip netns del ${near} 2> /dev/null || true; ip netns del ${far}`);
  }
}

test.skipIf(!canRun)('an advertisement is heard in the namespace that is listened in, and the namespace is let go', { timeout: 60_000 }, async () => {
  await inCable(async path => {
    const seen: Observation[] = [];
    let onPacket = (_packet: PacketObservation): void => {};
    const listener = createIcmpListener(observation => { seen.push(observation); if (observation.kind === 'packet') onPacket(observation); });
    const netns = { inode: statSync(path).ino };
    try {
      listener.join(netns, path);
      expect(listener.joined()).toEqual([netns]);
      const heard = new Promise<PacketObservation>(resolve => { onPacket = resolve; });
      run(`nsenter --net=/run/netns/${far} python3 ${python} ra f0 lifetime=600 prefix=2001:db8:1::/64`);
      const packet = await heard;
      expect(packet).toMatchObject({ netns, family: 'ipv6', hops: 255 });
      expect(decodePacket(packet)).toMatchObject({ kind: 'advertisement', from: expect.stringMatching(/^fe80::/), lifetimeSec: 600, prefixes: [{ prefix: '2001:db8:1::/64', validSec: 600 }] });
      // A namespace that is not the one that was meant is not entered.
      listener.join({ inode: 1 }, path);
      expect(listener.joined()).toEqual([netns]);
    } finally {
      listener.close();
    }
    expect(seen.filter(({ kind }) => kind === 'hearing')).toMatchObject([{ isOn: true }]);
    run(`ip netns del ${near}; until ! ip -n ${far} link show f0 2> /dev/null; do :; done`);
  });
});

test.skipIf(!canRun)('what is left is heard no longer', async () => {
  await inCable(path => {
    const hearing: boolean[] = [];
    const listener = createIcmpListener(observation => { if (observation.kind === 'hearing') hearing.push(observation.isOn); });
    const netns = { inode: statSync(path).ino };
    listener.join(netns, path);
    listener.leave(netns);
    listener.leave(netns);
    expect([hearing, listener.joined()]).toEqual([[true, false], []]);
    listener.close();
    return Promise.resolve();
  });
});
