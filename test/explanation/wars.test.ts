import { describe, expect, test } from 'vitest';
import { createWarWatch } from '../../src/explanation/wars.ts';
import type { Actor, ChangeOutput, WarOutput } from '../../src/model/output.ts';
import { anycast } from '../report/records.ts';

interface Blow { readonly by: Actor; readonly change?: 'add' | 'delete' | 'replace'; readonly gateway?: string; readonly dst?: string; readonly second?: number; readonly verdict?: 'caused' | 'unknown'; readonly ifindex?: number }

const chain = (...pids: readonly number[]): Actor => ({ kind: 'process', pid: pids[0] ?? 0, comm: 'ip', argv: ['ip'], ancestry: [...pids.slice(1), 1].map(pid => ({ pid, comm: pid === 1 ? 'systemd' : `p${pid}` })) });
const service = (pid: number, unit: string): Actor => ({ ...chain(pid), unit });
const router = (address: string): Actor => ({ kind: 'router', address });

function record({ by, change = 'add', gateway = '192.0.2.2', dst = '198.51.100.0/24', second = 0, verdict = 'caused', ifindex = 4 }: Blow, index: number): ChangeOutput {
  return { ...anycast, id: String(index), origin: String(index), bootTimeNs: String(BigInt(Math.round(second * 1000)) * 1_000_000n), change, verdict, actor: by, route: { ...anycast.route, dst, gateway, ifindex } };
}
function watch(blows: readonly Blow[]): (WarOutput | undefined)[] {
  const wars = createWarWatch();
  return blows.map((blow, index) => wars.observe(record({ second: index, ...blow }, index)));
}
/** Short-lived commands of two scripts, 50 and 60, that one shell (40) runs. */
const a = (pid: number): Actor => chain(pid, 50, 40);
const b = (pid: number): Actor => chain(pid, 60, 40);
const add = (by: Actor, more: Partial<Blow> = {}): Blow => ({ by, change: 'add', ...more });
const del = (by: Actor, more: Partial<Blow> = {}): Blow => ({ by, change: 'delete', ...more });
const set = (by: Actor, gateway: string): Blow => ({ by, change: 'replace', gateway });

describe('a war', () => {
  test.each<[string, readonly Blow[], readonly (string | undefined)[], number]>([
    ['add and delete by commands of two scripts', [add(a(1001)), del(b(1002)), add(a(1003)), del(b(1004))], ['p60', 'p50'], 2],
    ['replaced to and fro', [set(a(1001), 'x'), set(b(1002), 'y'), set(a(1003), 'x'), set(b(1004), 'y')], ['p60', 'p50'], 2],
    ['two daemons', [add(chain(70)), del(chain(80)), add(chain(70)), del(chain(80))], ['ip', 'ip'], 2],
    ['a service whose runs are processes of their own, against a daemon', [add(service(71, 'net.service')), del(chain(80)), add(service(72, 'net.service')), del(chain(80))], ['ip', 'ip'], 2],
    ['a router and a client', [add(router('fe80::1')), del(chain(80)), add(router('fe80::1')), del(chain(80))], ['ip', undefined], 2],
    ['two programs over a device that is made anew each time', [add(chain(70)), del(chain(80)), add(chain(70), { ifindex: 5 }), del(chain(80), { ifindex: 5 })], ['ip', 'ip'], 2],
    ['two scripts, where others of the same login were at it before', [del(chain(900, 95, 41, 20)), add(chain(1, 50, 40, 20)), del(chain(2, 60, 40, 20)), add(chain(3, 50, 40, 20)), del(chain(4, 60, 40, 20))], ['p60', 'p50'], 2],
    ['two scripts, with a stranger first', [del(chain(900)), add(a(1)), del(b(2)), add(a(3)), del(b(4))], ['p60', 'p50'], 2],
    ['one side that deletes and adds in one turn', [set(a(1001), 'x'), del(b(1002)), add(b(1003), { gateway: 'y' }), set(a(1004), 'x'), del(b(1005)), add(b(1006), { gateway: 'y' })], ['p60', 'p50'], 10 / 3],
  ])('is %s', (_what, blows, names, period) => {
    const told = watch(blows);
    const war = told.at(-1);
    expect(war?.sides.map(({ comm }) => comm)).toEqual(names);
    expect(war?.periodSeconds).toBeCloseTo(period, 2);
    expect(war?.turns).toBe(4);
    expect(told.slice(0, 3)).toEqual([undefined, undefined, undefined]);
  });

  test.each<[string, readonly Blow[]]>([
    ['one script that changes its own mind', [add(a(1)), del(a(2)), add(a(3)), del(a(4)), add(a(5)), del(a(6))]],
    ['one script that changes its own mind, with a stranger first', [add(chain(900)), del(a(2)), add(a(3)), del(a(4)), add(a(5)), del(a(6))]],
    ['runs of one timer, after another login', [del(chain(900, 95, 41, 20)), add(chain(1, 51, 40, 20)), del(chain(2, 52, 40, 20)), add(chain(3, 53, 40, 20)), del(chain(4, 54, 40, 20)), add(chain(5, 55, 40, 20))]],
    ['a person at a shell', [add(chain(1, 40)), del(chain(2, 40)), add(chain(3, 40)), del(chain(4, 40))]],
    ['two scripts that a third one runs in turns', [add(chain(1, 51, 40)), del(chain(2, 61, 40)), add(chain(3, 52, 40)), del(chain(4, 62, 40))]],
    ['only three turns', [add(a(1)), del(b(2)), add(a(3))]],
    ['an hour between the blows', [add(a(1)), del(b(2), { second: 3700 }), add(a(3), { second: 7400 }), del(b(4), { second: 11_100 })]],
    ['other routes each time', [add(a(1), { dst: '10.0.0.0/8' }), del(b(2), { dst: '10.1.0.0/16' }), add(a(3), { dst: '10.2.0.0/16' }), del(b(4), { dst: '10.3.0.0/16' })]],
    ['both want the same', [set(a(1), 'x'), set(b(2), 'x'), set(a(3), 'x'), set(b(4), 'x')]],
    ['a side that sets something else each time', [set(a(1), 'x'), set(b(2), 'y'), set(a(3), 'z'), set(b(4), 'y')]],
    ['a router that is heard again on each new device', [add(router('fe80::1')), del(chain(80)), add(router('fe80::1'), { ifindex: 5 }), del(chain(80), { ifindex: 5 }), add(router('fe80::1'), { ifindex: 6 }), del(chain(80), { ifindex: 6 })]],
    ['nobody known', [add(a(1), { verdict: 'unknown' }), del(b(2), { verdict: 'unknown' }), add(a(3), { verdict: 'unknown' }), del(b(4), { verdict: 'unknown' })]],
    ['the kernel itself', [add({ kind: 'kernel' }), del(b(2)), add({ kind: 'kernel' }), del(b(4))]],
  ])('is not: %s', (_what, blows) => {
    expect(watch(blows).filter(war => war !== undefined)).toEqual([]);
  });

  test('goes on being told, with what ends it, and ends when a third one settles it', () => {
    const networkd: Actor = { kind: 'process', pid: 300, comm: 'systemd-network', argv: ['/lib/systemd/systemd-networkd'], unit: 'systemd-networkd.service', ancestry: [{ pid: 1, comm: 'systemd' }] };
    const told = watch([add(a(1)), del(networkd), add(a(3)), del(networkd), add(a(5)), del(networkd), set(chain(9, 90), 'z')]);
    expect(told.map(war => war?.turns)).toEqual([undefined, undefined, undefined, 4, 5, 6, undefined]);
    expect(told[5]?.advice.join(' ')).toContain('ManageForeignRoutes=no');
    expect(told[3]?.sides[0]).toEqual({ effect: 'delete', pid: 300, comm: 'systemd-network', argv: ['/lib/systemd/systemd-networkd'], unit: 'systemd-networkd.service' });
  });
});
