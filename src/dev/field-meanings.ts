/** What every explanation has. */
const EXPLAINED = {
  id: 'unique in the session', origin: 'the same for all that one root act brought about',
  time: 'time of day', bootTimeNs: 'time since boot, of the event in the kernel where it was seen',
  verdict: 'see the README', confidence: 'of a `caused` one', reason: 'of an `unknown` one',
  cause: 'id and title; the ids are listed in [causes/](causes/README.md)', trigger: 'what set it off, at the root', actor: 'who, at the root',
  headline: 'one sentence', steps: 'from the root act to the effect, each following from the one before it', evidence: 'what the verdict rests on',
  stack: 'kernel stack of the change, innermost function first', rivals: 'other causes that fit as well, and what would tell them apart',
  references: 'RFCs, kernel documents and manual pages', advice: 'what to do', caveats: 'what weakens the verdict',
  war: 'two programs undo each other\'s doing here',
};

/** What each field of the JSON output means, by definition of the schema; docs/json-output.md is made of it. */
export const FIELD_MEANINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'session': {
    kind: 'the first line', schema: 'version of this format', version: 'version of routecause',
    host: 'name, kernel, machine, number of CPUs, and bpftrace\'s version', tier: 'how causes are learnt', tierReason: 'why this tier',
    coverage: 'probes that are armed, replaced by others, and causes that cannot be proved here with what they lack',
    clockOffsetNs: 'time of day minus time since boot, at the start, in ns',
    netns: 'the namespace whose routes are watched', replayed: 'only in a replay, which differs in nothing else',
  },
  'ready': { kind: 'every probe is attached and the first dump is in', time: 'time of day', bootTimeNs: 'time since boot' },
  'route-change': {
    ...EXPLAINED, kind: '`route-present`: a route found at the start, with `--initial`; or, always, one found in a namespace that came to be followed later: then it is not known when it came',
    change: 'the effect on the table: `replace` of an absent route is an `add`', position: 'of an `append`',
    silent: 'true: the kernel sent no message about it', replaced: 'the route that was replaced', route: 'the route after the change; of a `delete`, what went',
  },
  'rule-change': {
    ...EXPLAINED, kind: 'a rule of the routing policy database came or went: no route changes, but another table may answer',
    change: 'the effect', rule: 'the rule',
  },
  'route-flags': {
    ...EXPLAINED, kind: 'legs of a route that stays can no longer be used, or can again; the kernel sends no message', change: 'the effect on the flags',
    flags: '`dead`: the device is down; `linkdown`: it has no carrier', route: 'the route afterwards; its `legs` are those that the change is about',
  },
  'exception': {
    ...EXPLAINED, kind: 'packets to one destination no longer go as the routing tables say; no route changes',
    event: '`redirect`: they take another gateway; `path-mtu`: they have to be smaller', family: '`ipv4` or `ipv6`', dst: 'one address, with its length',
    gateway: 'of a redirect: the new one; absent: the destination is on the link', mtu: 'of a path MTU', dev: 'device', ifindex: 'its index', netns: 'namespace',
    expires: 'seconds that it holds, if it was told and is not used up before',
  },
  'attempt': {
    ...EXPLAINED, kind: 'a request that the kernel refused, with `--attempts`: nothing changed, or not all that was asked for; not counted in `summary`',
    request: '`route add`, `rule delete`...: object and verb as iproute2 has them; `ioctl SIOCADDRT`, `ioctl SIOCDELRT`',
    route: 'of a route request: what was asked for, as far as its first 120 bytes tell', rule: 'of a rule request: what was asked for',
    target: 'of another request: the address, nexthop object or device it names', errno: 'the error, positive', error: 'its name',
    message: 'the kernel\'s own words (extended ack), at most 63 bytes', netns: 'namespace of the request',
  },
  'impact': {
    kind: 'what depends on a route is reached differently, by the kernel\'s own answers ([how](impact.md)); not counted in `summary`', id: 'unique in this output',
    origin: 'of the changes that touched it; its own id where no change that was told explains it', changes: 'ids of those changes; of `cleared`, those that put it right, whose origin is another one',
    status: '`expected`: it is reached differently; `observed`: and after that it ended; `cleared`: it is reached as before again', of: 'of `observed` and `cleared`: the id of the record that expected it',
    time: 'when the kernel answered differently, or the end was seen', bootTimeNs: 'the same, in ns since boot', netns: 'where the endpoints are', what: 'what kind of endpoints they are', effect: 'how they are reached now, compared with before',
    owner: 'the process that has them', headline: 'one sentence', afterSeconds: 'of `observed`: how long after the change; it need not be because of it', count: 'how many', endpoints: 'the first hundred', caveats: 'what limits this',
  },
  'impacted': {
    remote: 'the address that it depends on', remotePort: 'of a socket', local: 'the address that it has here, where it is fixed', localPort: 'of a socket', dev: 'the device or VRF that it is bound to; of a neighbour or nexthop, where it is', ifindex: 'the same as a number',
    name: 'of a tunnel: its type and device; of a peer: the daemon', routes: 'of a nexthop: destinations of some routes that use it', state: 'what it was last seen in', retransmits: 'how often it had sent again without an answer when it ended',
    before: 'how it was reached: the answers of the kernel to RTM_GETROUTE; `route` is the destination of the entry that decides (fibmatch), `fromHere` `false`: its own address is no longer this host\'s', after: 'how it is reached now',
  },
  'impact-scope': {
    kind: 'once the endpoints of a namespace are known, and when something more cannot be looked at', time: 'when', bootTimeNs: 'the same, in ns since boot', netns: 'which namespace', watched: 'how many endpoints of each kind are watched', unchecked: 'what is not, and why',
  },
  'loss': {
    kind: 'events were lost', source: '`bpftrace`, `ftrace` or `rtnetlink`', what: 'where', count: 'how many, if known',
    time: 'when it was noticed', since: 'nothing was lost before', bootTimeNs: 'time since boot when it was noticed',
  },
  'summary': {
    kind: 'the last line', changes: 'route changes told', caused: 'of them, with a cause', unknown: 'of them, without', silent: 'of them, without a message of the kernel',
    lost: 'events lost by the tracer and messages lost by the socket', truncated: 'the recording ends before its writer closed it',
  },
  'route': {
    family: '`ipv4` or `ipv6`', dst: 'prefix, always with its length', src: 'source prefix', type: 'as iproute2 names it', table: 'number',
    tableName: 'the VRF\'s device, or the name in rt_tables', protocol: 'number', protocolName: 'its name in rt_protos', scope: 'as iproute2 names it', tos: 'if not 0',
    dev: 'device, of a route with one leg', ifindex: 'its index', gateway: 'of a route with one leg', flags: 'of its leg: `dead`, `linkdown`, `onlink`, ...', nexthops: 'all legs, of a route with several',
    legs: 'the legs that this change added or removed', nhid: 'nexthop object', metric: 'priority', prefsrc: 'preferred source address',
    expires: 'seconds left', pref: 'router preference', metrics: 'MTU and the like, by name', netns: 'namespace of the route',
  },
  'rule': {
    family: '`ipv4` or `ipv6`', priority: 'lower ones are asked first', action: '`lookup`, `goto`, `nop`, `blackhole`, `unreachable`, `prohibit`',
    table: 'number of the table that is asked; 0: none, or that of the VRF', tableName: 'the VRF\'s device, or the name in rt_tables',
    protocol: 'number', protocolName: 'its name in rt_protos', not: 'packets that do not fit the selector', from: 'source prefix', to: 'destination prefix', iif: 'device a packet came in by',
    oif: 'device a socket is bound to', tos: 'type of service', fwmark: 'mark', fwmask: 'bits of the mark that count', l3mdev: 'packets of VRF ports, to the table of their VRF',
    uidrange: 'users of the socket, first and last', ipproto: 'IP protocol number', sport: 'source ports, first and last', dport: 'destination ports, first and last',
    tunId: 'tunnel key, decimal', goto: 'priority of the rule to go on with', suppressPrefixLength: 'routes with a prefix of that length or shorter do not count',
    suppressIfGroup: 'routes over devices of that group do not count', text: 'as iproute2 words it', netns: 'namespace of the rule',
  },
  'war': {
    sides: 'the two, whoever acted last first: what it set holds at the moment; each with its `effect` and the nearest program that its acts have in common',
    turns: 'how often they took turns', since: 'when it began', periodSeconds: 'between two acts of one side, on average', advice: 'what ends it',
  },
  'leg': { gateway: 'next hop', dev: 'device', ifindex: 'its index', weight: '1 or more', flags: '`dead`, `linkdown`, `onlink`, ...', encap: 'kind of encapsulation' },
  'netns': { inode: 'as `ls -Li /run/netns` shows it', name: 'if one was given' },
  'actor': {
    kind: '`router`: a neighbour\'s packet', pid: 'process id', comm: 'name of the process', argv: 'its command line', argvTruncated: 'the command line was longer',
    uid: 'user id', ancestry: 'parent first, towards init', unit: 'systemd unit', address: 'of a router',
  },
};
