import { describe, expect, test } from 'vitest';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { shortAnswer, unsaid } from './said.ts';
import { type Stage, openStage } from './stage.ts';

const four = 'ip addr add 192.0.2.1/24 dev d0';
const named: NonNullable<NonNullable<Parameters<Stage['ask']>[2]>['names']> = [{ of: 'protocol', id: '21', name: 'calico' }, { of: 'protocol', id: '186', name: 'bgp' }, { of: 'table', id: '100', name: 'uplink' }];

/** A program of that name that holds a routing socket, as daemons do. */
const program = (name: string): string => `python3 -c 'import ctypes,socket,time; ctypes.CDLL(None).prctl(15,b"${name}"); s=socket.socket(16,3,0); s.bind((0,0)); open("/dev/fd/1","w").write("ready\\n"); time.sleep(60)' > "$work/out" 2>&1 &
until grep -q ready "$work/out"; do sleep 0.01; done`;
const work = 'work=$(mktemp -d); trap "rm -rf $work" EXIT';

describe.skipIf(SKIP_REASON !== undefined)(`who a protocol number stands for${SKIP_REASON === undefined ? '' : ` (${SKIP_REASON})`}`, () => {
  test.for([
    { proto: '21', names: [], second: 'inferred: Marked as protocol 21, a number that no program is known by.', says: ['Protocol 21: no rt_protos file here has a name for it'] },
    { proto: '21', names: named, second: 'inferred: Marked as protocol calico (21), a number that no program is known by.', says: ['Protocol calico (21): the name is iproute2\'s, of its rt_protos files'] },
    { proto: 'boot', names: [], second: 'inferred: Added by hand, by a script or by an ioctl: its protocol is boot.', says: ['Protocol boot (3) is what iproute2 writes'] },
    { proto: 'static', names: [], second: 'inferred: Marked as set by an administrator or a network manager: static.', says: [] },
    { proto: 'zebra', names: [], second: 'inferred: Marked as a route of FRR\'s zebra: protocol zebra.', says: ['No such program holds a routing socket in this namespace now', 'advice: Protocol 11 marks routes of FRR\'s zebra'] },
    { proto: '186', names: named, second: 'inferred: Marked as a route of a BGP daemon (FRR): protocol bgp.', says: ['advice: Protocol 186 marks routes of a BGP daemon (FRR)'] },
    { proto: 'redirect', names: [], second: 'inferred: Marked as protocol redirect (1), a number that no program is known by.', says: [] },
    { proto: 'kernel', names: [], second: 'inferred: A program asked for it and marked it as one of the kernel\'s.', says: [] },
  ])('$proto', async ({ proto, names, second, says }) => {
    using stage = openStage(`${four}; ip route add 10.0.0.0/8 via 192.0.2.9 proto ${proto}`);
    const answer = await stage.ask('10.1.1.1', {}, { names });
    expect({ second: shortAnswer(answer)[1], unsaid: unsaid(answer, says) }).toEqual({ second, unsaid: [] });
    expect(unsaid(answer, [`advice: To remove it: ip -n ${stage.name} route del 10.0.0.0/8 via 192.0.2.9 dev d0 table 254`])).toEqual([]);
  });

  test.for([['bird', '12', 'bird'], ['zebra', '186', 'bgp'], ['dhcpcd', '16', 'dhcp']] as const)('%s runs here and holds a routing socket: protocol %s', async ([name, proto, word]) => {
    using stage = openStage(`${work}; ${four}; ${program(name)}\nip route add 10.0.0.0/8 via 192.0.2.9 proto ${proto}`);
    const answer = await stage.ask('10.1.1.1', {}, { names: named });
    expect(shortAnswer(answer)[1]).toMatch(new RegExp(`^inferred: ${name}\\[\\d+\\].* made it: protocol ${word}\\.$`));
    expect(answer.origins[0]?.standing).toBe('likely');
    expect(unsaid(answer, [new RegExp(`read: ${name}\\[\\d+\\].* runs here and holds a routing socket`)])).toEqual([]);
  });

  test('protocol ra where a program works on advertisements itself: both are told', async () => {
    using stage = openStage(`${work}; ip addr add 2001:db8:1::1/64 dev d0 nodad; ${program('NetworkManager')}\nip -6 route add default via fe80::1 dev d0 proto ra expires 1000`);
    const answer = await stage.ask('2001:db8:9::1');
    expect(answer.origins.map(({ id, standing }) => `${id} ${standing}`)).toEqual(['router-advertisement possible', 'program possible']);
    expect(unsaid(answer, [/NetworkManager\[\d+\].* runs here, works on advertisements itself/, /read: It expires in \d+ s/])).toEqual([]);
  });

  test('a named table', async () => {
    using stage = openStage(`${four}; ip route add 10.0.0.0/8 via 192.0.2.9 table 100; ip rule add lookup 100 priority 100`);
    expect(shortAnswer(await stage.ask('10.1.1.1', {}, { names: named }))[0]).toBe('read: 10.1.1.1 goes via 192.0.2.9 by d0: route 10.0.0.0/8, table uplink.');
  });
});
