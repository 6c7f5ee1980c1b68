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
    kind: '`route-present`: a route found at the start, with `--initial`', id: 'unique in the session',
    origin: 'the same for all changes that one root act brought about',
    time: 'time of day', bootTimeNs: 'time since boot, of the event in the kernel where it was seen',
    change: 'the effect on the table: `replace` of an absent route is an `add`', position: 'of an `append`',
    silent: 'true: the kernel sent no message about it', replaced: 'the route that was replaced', route: 'the route after the change; of a `delete`, what went',
    verdict: 'see the README', confidence: 'of a `caused` one', reason: 'of an `unknown` one',
    cause: 'id and title; the ids are listed in [causes/](causes/README.md)', trigger: 'what set it off, at the root', actor: 'who, at the root',
    headline: 'one sentence', steps: 'from the root act to the route, each following from the one before it', evidence: 'what the verdict rests on',
    stack: 'kernel stack of the change, innermost function first', rivals: 'other causes that fit as well, and what would tell them apart',
    references: 'RFCs, kernel documents and manual pages', advice: 'what to do', caveats: 'what weakens the verdict',
  },
  'loss': {
    kind: 'events were lost', source: '`bpftrace` or `rtnetlink`', what: 'where', count: 'how many, if known',
    time: 'when it was noticed', since: 'nothing was lost before', bootTimeNs: 'time since boot when it was noticed',
  },
  'summary': {
    kind: 'the last line', changes: 'route changes told', caused: 'of them, with a cause', unknown: 'of them, without', silent: 'of them, without a message of the kernel',
    lost: 'events lost by the tracer and messages lost by the socket', truncated: 'the recording ends before its writer closed it',
  },
  'route': {
    family: '`ipv4` or `ipv6`', dst: 'prefix, always with its length', src: 'source prefix', type: 'as iproute2 names it', table: 'number',
    tableName: 'the VRF\'s device, or the name in rt_tables', protocol: 'number', protocolName: 'its name in rt_protos', scope: 'as iproute2 names it', tos: 'if not 0',
    dev: 'device, of a route with one leg', ifindex: 'its index', gateway: 'of a route with one leg', nexthops: 'all legs, of a route with several',
    legs: 'the legs that this change added or removed', nhid: 'nexthop object', metric: 'priority', prefsrc: 'preferred source address',
    expires: 'seconds left', pref: 'router preference', metrics: 'MTU and the like, by name', netns: 'namespace of the route',
  },
  'leg': { gateway: 'next hop', dev: 'device', ifindex: 'its index', weight: '1 or more', flags: '`dead`, `linkdown`, `onlink`, ...', encap: 'kind of encapsulation' },
  'netns': { inode: 'as `ls -Li /run/netns` shows it', name: 'if one was given' },
  'actor': {
    kind: '`router`: a neighbour\'s packet', pid: 'process id', comm: 'name of the process', argv: 'its command line', argvTruncated: 'the command line was longer',
    uid: 'user id', ancestry: 'parent first, towards init', unit: 'systemd unit', address: 'of a router',
  },
};
