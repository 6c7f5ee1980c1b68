import { describe, expect, test } from 'vitest';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { addLabNetns } from '../../fixtures/rtnetlink/lab.ts';
import { basename } from 'node:path';
import { shortAnswer, unsaid } from './said.ts';
import { openStage } from './stage.ts';

/**
 * A router in a namespace of its own. What it has to forward it would send out where it came in, which makes it tell of a better way; and one
 * of its routes has a small MTU. The link-layer addresses are fixed, so that nobody has to be asked for.
 */
const near = (far: string): string => `
ip link add near0 address 02:00:00:00:00:01 type veth peer name far0 address 02:00:00:00:00:02 netns ${far}
ip addr add 192.0.2.10/24 dev near0; ip addr add 2001:db8:1::10/64 dev near0 nodad; ip link set near0 up
ip -n ${far} link set lo up; ip -n ${far} addr add 192.0.2.1/24 dev far0; ip -n ${far} addr add 2001:db8:1::1/64 dev far0 nodad; ip -n ${far} link set far0 up
ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:03 dev near0 nud permanent; ip -n ${far} neigh replace 192.0.2.2 lladdr 02:00:00:00:00:03 dev far0 nud permanent
ip netns exec ${far} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n ${far} route add 198.51.100.0/24 via 192.0.2.2; ip -n ${far} route add 203.0.113.0/24 via 192.0.2.2 mtu lock 1300
ip -n ${far} route add 2001:db8:2::/64 via 2001:db8:1::9 mtu lock 1300
ip route add 198.51.100.0/24 via 192.0.2.1; ip route add 203.0.113.0/24 via 192.0.2.1; ip -6 route add 2001:db8:2::/64 via 2001:db8:1::1
sysctl -qw net.ipv4.conf.near0.accept_redirects=1 net.ipv4.conf.all.accept_redirects=1
`;
/** Datagrams of bash's own: ping is not everywhere. */
const until = (address: string, size: number, sign: string): string => `for i in $(seq 40); do printf '%*s' ${size} '' 2> /dev/null > /dev/udp/${address}/9 || :; if ip route get ${address} | grep -q "${sign}"; then exit 0; fi; sleep 0.1; done; ip route get ${address}; exit 1`;

describe.skipIf(SKIP_REASON !== undefined)(`exceptions that hide the route${SKIP_REASON === undefined ? '' : ` (${SKIP_REASON})`}`, () => {
  test('a redirect, and path MTUs of both families', async () => {
    const far = addLabNetns();
    try {
      using stage = openStage(near(basename(far.path)));
      stage.run(until('198.51.100.7', 56, 'redirected'));
      const redirected = await stage.ask('198.51.100.7');
      expect(shortAnswer(redirected).slice(0, 2)).toEqual([
        'read: 198.51.100.7 goes via 192.0.2.2 by near0: route 198.51.100.0/24, table main.',
        expect.stringMatching(/^read: A redirect overrides the route for 198\.51\.100\.7: packets go via 192\.0\.2\.2( \(for \d+ s more\))?\.$/),
      ]);
      expect(redirected.exception).toMatchObject({ event: 'redirect', gateway: '192.0.2.2', dev: 'near0' });
      expect(redirected.kernel.agrees).toBe(true);
      expect(unsaid(redirected, ['advice: To look and to undo: ip route get 198.51.100.7; ip route flush cache.'])).toEqual([]);

      stage.run(until('203.0.113.7', 1400, 'mtu 1300'));
      const narrow = await stage.ask('203.0.113.7');
      expect(shortAnswer(narrow)[1]).toMatch(/^read: The path MTU to 203\.0\.113\.7 is 1300 \(for \d+ s more\): larger packets are not sent that way, whatever the route says\.$/);

      stage.run(until('2001:db8:2::7', 1400, 'mtu 1300'));
      const six = await stage.ask('2001:db8:2::7');
      expect(six.exception).toMatchObject({ event: 'path-mtu', mtu: 1300 });
      expect((await stage.ask('198.51.100.8')).exception).toBeUndefined();
    } finally {
      far.remove();
    }
  });
});
