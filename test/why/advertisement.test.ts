import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addLabNetns } from '../../fixtures/rtnetlink/lab.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { ROOT } from '../source-tree.ts';
import { shortAnswer, unsaid } from './said.ts';
import { openStage } from './stage.ts';

const router = 'fe80::ff:fe00:2';
const near = (far: string): string => `
ip link add near0 address 02:00:00:00:00:01 type veth peer name far0 address 02:00:00:00:00:02 netns ${far}
sysctl -qw net.ipv6.conf.near0.accept_ra_rt_info_max_plen=64; ip link set near0 up; ip -n ${far} link set far0 up
until ip netns exec ${far} ip -6 route show table local | grep -q "^local ${router} " && ip -6 route show table local | grep -q "^local fe80::ff:fe00:1 "; do sleep 0.05; done
`;

describe.skipIf(SKIP_REASON !== undefined)(`what routers advertise${SKIP_REASON === undefined ? '' : ` (${SKIP_REASON})`}`, () => {
  test('a default route, a route and a prefix, by the kernel itself', async () => {
    const far = addLabNetns();
    try {
      using stage = openStage(near(basename(far.path)));
      spawnSync('ip', ['netns', 'exec', basename(far.path), 'python3', join(ROOT, 'fixtures/scenarios/nd.py'), 'ra', 'far0', 'lifetime=600', 'preference=high', 'prefix=2001:db8:1::/64', 'route=2001:db8:f::/48']);
      stage.run('until ip -6 route show | grep -q "^default.*proto ra" && ip -6 route show | grep -q "^2001:db8:f::/48.*proto ra" && ip -6 route show table local | grep -q "^local 2001:db8:1:"; do sleep 0.05; done');
      for (const [target, dst] of [['2001:db8:9::1', '::/0'], ['2001:db8:f::1', '2001:db8:f::/48']] as const) {
        const answer = await stage.ask(target);
        expect(shortAnswer(answer).slice(0, 2)).toEqual([`read: ${target} goes via ${router} by near0: route ${dst}, table main.`, `inferred: Router ${router} on near0 advertised it.`]);
        expect(answer.origins[0]?.standing).toBe('likely');
        expect(unsaid(answer, [/^read: It expires in \d+ s, unless it is advertised again\.$/, 'advice: If this router should not be there'])).toEqual([]);
      }
      const prefix = await stage.ask('2001:db8:1::7');
      expect(shortAnswer(prefix)[1]).toBe('inferred: A router advertised the prefix on near0, or an address of it was given a lifetime.');
      expect(prefix.kernel.agrees).toBe(true);
      expect((await stage.ask('2001:db8:9::1')).meanings.map(({ topic, key }) => `${topic} ${key}`)).toEqual(expect.arrayContaining(['proto 9', 'pref high']));
    } finally {
      far.remove();
    }
  });
});
