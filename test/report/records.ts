import type { AttemptOutput, ExceptionOutput, LossOutput, OutputRecord, ReadyOutput, RouteChangeOutput, RouteOutput, SessionOutput, SummaryOutput } from '../../src/model/output.ts';

/** Records made by hand, for views and sinks; what real sessions print is tested with recordings. */
export const session: SessionOutput = {
  kind: 'session', schema: 1, version: '0.1.0',
  host: { hostname: 'fw1', kernel: '6.1.0-18-amd64', machine: 'x86_64', cpus: 2, bpftrace: '0.17.0' },
  tier: 'bpftrace', tierReason: 'bpftrace 0.17.0 with kprobes',
  coverage: { armed: ['rtnl_notify', 'dev_forward_change'], replaced: [{ probe: 'fib_table_insert', by: 'fib_insert_alias' }], blind: [] },
  clockOffsetNs: '1796126400000000000',
};

export const ready: ReadyOutput = { kind: 'ready', time: '2026-12-01T12:03:01.000000Z', bootTimeNs: '77000000000' };

const anycastRoute: RouteOutput = {
  family: 'ipv6', dst: 'fdc0:3489:e0fd::/128', type: 'anycast', table: 1001, tableName: 'vrf1', protocol: 2, protocolName: 'kernel',
  scope: 'global', dev: 'vrf1', ifindex: 4, metric: 0, netns: { inode: 4026531840 },
};

/** The incident: forwarding makes the neighbour's address this host's own. */
export const anycast: RouteChangeOutput = {
  kind: 'route-change', id: 'c1', origin: 'o1', time: '2026-12-01T12:03:04.123456Z', bootTimeNs: '80123456000',
  change: 'add', silent: false, route: anycastRoute, verdict: 'caused', confidence: 'proved',
  cause: { id: 'ipv6-subnet-router-anycast', title: 'IPv6 subnet-router anycast address' },
  trigger: { kind: 'sysctl', name: 'net.ipv6.conf.all.forwarding', oldValue: 0, value: 1 },
  actor: {
    kind: 'process', pid: 4242, comm: 'sysctl', argv: ['sysctl', '-w', 'net.ipv6.conf.all.forwarding=1'], uid: 0,
    ancestry: [{ pid: 4100, comm: 'bash' }, { pid: 4001, comm: 'sshd' }, { pid: 1, comm: 'systemd' }], unit: 'session-3.scope',
  },
  headline: 'subnet-router anycast: sysctl[4242] wrote net.ipv6.conf.all.forwarding 0 -> 1, so fdc0:3489:e0fd:: on vrf1 is now an address of this host',
  steps: [
    { depth: 0, text: 'sysctl[4242] wrote net.ipv6.conf.all.forwarding 0 -> 1', function: 'addrconf_sysctl_forward', context: 'task' },
    { depth: 1, text: 'forwarding was switched on for every device', function: 'addrconf_forward_change' },
    { depth: 2, text: 'vrf1 became a router interface', function: 'dev_forward_change' },
    { depth: 3, text: 'the first address of fdc0:3489:e0fd::/64 was joined as anycast', function: '__ipv6_dev_ac_inc' },
    { depth: 4, text: 'an anycast route was inserted into table 1001', function: 'fib6_add' },
    { depth: 2, text: 'vrf2 became a router interface', function: 'dev_forward_change' },
    { depth: 3, text: 'duplicate address detection finished later', function: 'addrconf_dad_work', context: 'kworker' },
  ],
  evidence: [
    { kind: 'message', text: 'the 116 bytes of the notification are those that inet6_rt_notify sent' },
    { kind: 'stack', text: 'the kernel stack of that call leads back to the sysctl write' },
  ],
  stack: ['rtnl_notify', 'inet6_rt_notify', 'fib6_add', 'ip6_ins_rt', '__ipv6_dev_ac_inc', 'dev_forward_change', 'addrconf_sysctl_forward'],
  references: [{ id: 'RFC 4291', title: 'IP Version 6 Addressing Architecture', section: '2.6.1', url: 'https://www.rfc-editor.org/rfc/rfc4291#section-2.6.1' }],
  advice: [
    'do not use fdc0:3489:e0fd:: as a unicast address: number the link with a /127 (RFC 6164) or use another address',
    'until then: sysctl -w net.ipv6.conf.all.forwarding=0',
  ],
};

/** A second change of the same act. */
export const anycastLocal: RouteChangeOutput = {
  ...anycast, id: 'c2', time: '2026-12-01T12:03:04.123789Z', route: { ...anycastRoute, dst: 'fe80::/128', dev: 'vrf2', ifindex: 5, table: 1002, tableName: 'vrf2' },
};

/** A silent deletion without a cause that could be proved, with a rival. */
export const silentDelete: RouteChangeOutput = {
  kind: 'route-change', id: 'c3', origin: 'o2', time: '2026-12-01T12:03:09.500000Z', bootTimeNs: '85500000000',
  change: 'delete', silent: true,
  route: {
    family: 'ipv4', dst: '198.51.100.0/24', type: 'unicast', table: 254, tableName: 'main', protocol: 186, protocolName: 'bgp', scope: 'global',
    gateway: '192.0.2.1', dev: 'eth1', ifindex: 3, metric: 20, netns: { inode: 4026532177, name: 'blue' },
  },
  verdict: 'caused', confidence: 'likely', cause: { id: 'link-down', title: 'device went down' },
  trigger: { kind: 'link-state', dev: 'eth1', ifindex: 3, state: 'down' },
  actor: { kind: 'kernel' }, headline: 'eth1 went down: 198.51.100.0/24 left table main without a notification',
  steps: [{ depth: 0, text: 'eth1 went down' }, { depth: 1, text: 'its IPv4 routes were flushed', function: 'fib_sync_down_dev' }],
  evidence: [{ kind: 'time', text: 'the link message came 3 ms earlier' }],
  rivals: [{ cause: { id: 'address-removed', title: 'last address removed' }, tellApart: 'whether an address message precedes the link message' }],
  references: [], caveats: ['the return probe of the root call is not armed on this kernel'],
};

/** Nothing seen explains it. */
export const unexplained: RouteChangeOutput = {
  kind: 'route-change', id: 'c4', origin: 'o3', time: '2026-12-01T12:03:12.000001Z', bootTimeNs: '88000001000',
  change: 'replace', silent: false,
  replaced: { family: 'ipv4', dst: '0.0.0.0/0', type: 'unicast', table: 254, protocol: 3, protocolName: 'boot', scope: 'global', gateway: '192.0.2.254', dev: 'eth0', metric: 0, netns: { inode: 4026531840 } },
  route: {
    family: 'ipv4', dst: '0.0.0.0/0', type: 'unicast', table: 254, protocol: 16, protocolName: 'dhcp', scope: 'global', metric: 0,
    nexthops: [{ gateway: '192.0.2.1', dev: 'eth0', weight: 1 }, { gateway: '192.0.2.2', dev: 'eth1', weight: 2, flags: ['linkdown'] }], netns: { inode: 4026531840 },
  },
  verdict: 'unknown', reason: 'events-lost', cause: { id: 'unknown', title: 'unknown' }, trigger: { kind: 'unknown' }, actor: { kind: 'unknown' },
  headline: 'default route replaced; events were lost around it', steps: [], evidence: [], references: [],
};

/** No route changed, but packets to one destination go elsewhere. */
export const redirect: ExceptionOutput = {
  kind: 'exception', id: 'c5', origin: 'o5', time: '2026-12-01T12:03:15.000000Z', bootTimeNs: '91000000000',
  event: 'redirect', family: 'ipv4', dst: '203.0.113.7/32', gateway: '192.0.2.3', dev: 'eth0', ifindex: 2, netns: { inode: 4026532177, name: 'blue' }, expires: 300,
  verdict: 'caused', confidence: 'proved', cause: { id: 'icmp-redirect', title: 'a router sent a redirect' },
  trigger: { kind: 'icmp-redirect', source: '192.0.2.1' }, actor: { kind: 'router', address: '192.0.2.1' },
  headline: 'router 192.0.2.1 sent a redirect: packets to 203.0.113.7 now go via 192.0.2.3, whatever the routes say',
  steps: [{ depth: 0, text: 'router 192.0.2.1 sent a redirect', context: 'softirq' }], evidence: [{ kind: 'stack', text: '12 frames' }], references: [],
  advice: ['ip route flush cache'],
};
export const tooBig: ExceptionOutput = {
  kind: 'exception', id: 'c6', origin: 'o6', time: '2026-12-01T12:03:16.000000Z', bootTimeNs: '92000000000',
  event: 'path-mtu', family: 'ipv6', dst: '2001:db8::7/128', mtu: 1400, netns: { inode: 4026532177 },
  verdict: 'caused', confidence: 'likely', cause: { id: 'path-mtu', title: 'the path MTU became smaller' }, trigger: { kind: 'icmp-too-big', source: '2001:db8::1', mtu: 1400 },
  actor: { kind: 'kernel' }, headline: 'the path MTU to 2001:db8::7 is 1400 now', steps: [], evidence: [], references: [],
};

export const loss: LossOutput = {
  kind: 'loss', source: 'bpftrace', what: 'perf buffer', count: 3, since: '2026-12-01T12:03:11.000000Z', time: '2026-12-01T12:03:12.500000Z', bootTimeNs: '88500000000',
};

export const summary: SummaryOutput = { kind: 'summary', changes: 4, caused: 3, unknown: 1, silent: 1, lost: 3 };

/** A request that was refused, as `--attempts` tells it. */
export const refused: AttemptOutput = {
  kind: 'attempt', id: 'c5', origin: 'o5', time: '2026-12-01T12:03:13.250000Z', bootTimeNs: '89250000000',
  request: 'route add', route: {
    family: 'ipv4', dst: '203.0.113.0/24', type: 'unicast', table: 254, tableName: 'main', protocol: 11, protocolName: 'zebra', scope: 'global',
    gateway: '192.0.2.1', metric: 20, netns: { inode: 4026532177, name: 'blue' },
  },
  errno: 101, error: 'ENETUNREACH', message: 'Nexthop has invalid gateway', netns: { inode: 4026532177, name: 'blue' },
  verdict: 'caused', confidence: 'proved', cause: { id: 'request-refused', title: 'a program asked, and the kernel refused' },
  trigger: { kind: 'netlink-request', request: 'add', flags: ['excl', 'create'] },
  actor: { kind: 'process', pid: 812, comm: 'zebra', argv: ['/usr/lib/frr/zebra', '-d'], uid: 101, unit: 'frr.service' },
  headline: 'zebra[812] could not add route 203.0.113.0/24 via 192.0.2.1: Nexthop has invalid gateway (ENETUNREACH)',
  steps: [{ depth: 0, text: 'zebra[812] asked for it (add)', function: 'rtnetlink_rcv_msg', context: 'task' }, { depth: 1, text: 'the kernel refused: Nexthop has invalid gateway (ENETUNREACH)' }],
  evidence: [{ kind: 'call', text: 'netlink_ack answered the request of process 812 on port id 812, sequence 44, with error 101' }],
  references: [{ id: 'netlink(7)', title: 'communication between kernel and user space' }], advice: ['The kernel finds no directly connected way to 192.0.2.1: see ip route get 192.0.2.1.'],
};

/** A session as it would be told. */
export const story: readonly OutputRecord[] = [session, ready, anycast, anycastLocal, silentDelete, loss, unexplained];

/** A command line that tries to take over the terminal, and one that is far too long. */
export const hostile: RouteChangeOutput = {
  ...anycast, id: 'c9', origin: 'o9',
  actor: { kind: 'process', pid: 666, comm: '\x1b]0;pwn\x07\x1b[2J', argv: ['\x1b[2J\u202eevil', `x${'A'.repeat(4095)}`, 'a b', '\u9b41\u{1f525}'], uid: 1000 },
  headline: '\x1b]0;pwn\x07\x1b[2J[666] added a route\nto \u9b41\u9b41 \u{1f525}',
};
