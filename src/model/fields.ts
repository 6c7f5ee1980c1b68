/**
 * What a probe record is for. call/return: a root function entered and left; request: a route request,
 * told only when it differs from the last of its port id; via: an intermediate
 * function worth telling; notify: the notification tap; remove: a route left a FIB without a record
 * of its requester; alter: something that routes depend on changed in place; exception: a redirect or path MTU overrides the routes for one destination; refuse: a request got an error for an answer; defer: work was queued to run later; exec/fork/exit: life of processes; user: a process acts for another user from now on; close: a TCP session is established no longer;
 * sentinel: our own request came through, so the probe is attached.
 */
export type ProbeRecordType =
  | 'call' | 'return' | 'request' | 'via' | 'notify' | 'remove' | 'alter' | 'exception' | 'refuse' | 'defer' | 'exec' | 'argv' | 'fork' | 'exit' | 'user' | 'close' | 'sentinel';

/**
 * How the text of a key is read. `words`: eight-byte words, hexadecimal, as the CPU loads them. `bytes` (two hexadecimal
 * digits each) and `text` stand last in their record and run to its end.
 */
export type FieldForm = 'decimal' | 'bigint' | 'words' | 'bytes' | 'text';

/**
 * The whole vocabulary of probe scripts: a key that a script prints stands here once, and nowhere else.
 * Decoder, recording and conformance tests are derived from it.
 */
export const FIELD_FORMS = {
  /** `struct net.ns.inum` */ netns: 'decimal',
  /** `struct net.net_cookie` */ cookie: 'bigint',
  /** start time of the process, CLOCK_BOOTTIME ns */ start: 'bigint',
  comm: 'text', parent: 'decimal', parentstart: 'bigint', uid: 'decimal', cgroup: 'bigint',
  arglen: 'decimal', offset: 'decimal', argv: 'bytes',
  portid: 'decimal', seq: 'decimal', nltype: 'decimal', nlflags: 'decimal', msglen: 'decimal', msg: 'words',
  /** `struct netlink_ext_ack._msg`: the kernel's own words for an error */ extack: 'text',
  group: 'decimal', stack: 'bigint', /** a second stack of the same call, a frame longer or shorter: a tracer's table may have no place for one of them */ inner: 'bigint', ret: 'decimal', write: 'decimal',
  /** sysctl path, innermost first: name, directory, ... */ path0: 'words', path1: 'words', path2: 'words', path3: 'words', path4: 'words',
  old: 'decimal', value: 'text', cmd: 'decimal', args: 'words',
  ifindex: 'decimal', family: 'decimal', dst: 'words', dstlen: 'decimal', srclen: 'decimal', key: 'decimal', table: 'decimal', rtype: 'decimal',
  protocol: 'decimal', scope: 'decimal', tos: 'decimal', metric: 'decimal', prefsrc: 'decimal', nhid: 'decimal', legs: 'decimal',
  gateway: 'words', gwfamily: 'decimal', fiflags: 'decimal', rtflags: 'decimal', pfsrcremoved: 'decimal', skip: 'decimal',
  object: 'bigint', addr: 'words', plen: 'decimal', forwarding: 'decimal', event: 'decimal', /** IFF_UP is set */ up: 'decimal', /** the device could send: carrier, operstate up or unknown */ running: 'decimal', /** ignore_routes_with_linkdown */ linkdown: 'decimal', users: 'decimal', src: 'words', icmptype: 'decimal', lifetime: 'decimal',
  /** RTAX_* of a metric that is set, and what to */ rtax: 'decimal', rtaxvalue: 'decimal',
  /** path MTU */ mtu: 'decimal', /** exceptions of another one no longer count */ genid: 'decimal',
  /** of the ICMP error last worked on by the CPU: destination of the packet it quotes, the MTU it tells, and when it came */
  quoted: 'words', packetmtu: 'decimal', packettime: 'bigint',
  /** `struct sock_common.skc_cookie`, as sock_diag tells it, and what its state becomes (include/net/tcp_states.h) */ socket: 'bigint', state: 'decimal',
} as const satisfies Record<string, FieldForm>;

export type FieldName = keyof typeof FIELD_FORMS;

type FieldValue<Form extends FieldForm> =
  Form extends 'decimal' ? number : Form extends 'bigint' ? bigint : Form extends 'words' | 'bytes' ? Uint8Array : string;

/** A key that the probe could not read is absent, never a stand-in value. */
export type ProbeFields = { readonly [Name in FieldName]?: FieldValue<(typeof FIELD_FORMS)[Name]> };
