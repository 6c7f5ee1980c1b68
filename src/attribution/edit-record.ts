import type { PartialRoute } from '../fib/apply.ts';
import type { Edit } from '../fib/edit.ts';
import { RT_TABLE } from '../model/route.ts';
import type { ProbeObservation } from '../model/observation.ts';
import { formatIpv6 } from '../netlink/address.ts';
import { decodeMessage } from '../netlink/decode.ts';
import { prefOf } from '../netlink/decode-route.ts';
import { metricName } from '../netlink/metrics.ts';
import { addressPart, lengthPart, networkOf } from '../netlink/prefix-text.ts';
import { partialRouteOf } from './removal.ts';

/** Which route a kernel function changes in place, and how. */
export interface SeenEdit {
  readonly seen: PartialRoute;
  readonly edit: Edit;
  /** Of a request for a route: its type and flags. */
  readonly request?: { readonly type: number; readonly flags: number; readonly exact: true };
}

const RTF_EXPIRES = 0x400000;
const PREF_SHIFT = 27;
const RTF_GATEWAY = 2;
/** IP6_RT_PRIO_USER (include/net/ip6_route.h): what metric 0 is taken for. */
const USER_METRIC = 1024;

/** undefined: the record does not tell enough. */
export function editOf(record: ProbeObservation): SeenEdit | undefined {
  const { fn, fields } = record;
  switch (fn) {
    case 'fib6_metric_set': return withRoute(record, metricOf(fields));
    case 'ndisc_router_discovery': return withRoute(record, lifetimeOf(fields, true));
    case 'addrconf_get_prefix_route': return withRoute(record, lifetimeOf(fields, false));
    case 'ip6_route_add': return repeatedRequest(fields);
    default: return undefined;
  }
}

function withRoute(record: ProbeObservation, edit: Edit | undefined): SeenEdit | undefined {
  const seen = partialRouteOf(record);
  return seen === undefined || edit === undefined ? undefined : { seen, edit };
}

type Fields = ProbeObservation['fields'];

function metricOf({ rtax, rtaxvalue }: Fields): Edit | undefined {
  const name = rtax === undefined ? undefined : metricName(rtax);
  return name === undefined || rtaxvalue === undefined ? undefined : { metrics: { [name]: rtaxvalue } };
}

/** rtflags are those that the function is about to set. */
function lifetimeOf({ rtflags, lifetime }: Fields, setsPref: boolean): Edit | undefined {
  if (rtflags === undefined) return undefined;
  const pref = setsPref ? prefOf((rtflags >>> PREF_SHIFT) & 3) : undefined;
  return { expires: (rtflags & RTF_EXPIRES) !== 0, ...(lifetime === undefined ? {} : { lifetimeSec: lifetime }), ...(pref === undefined ? {} : { pref }) };
}

/** The kernel itself, or an ioctl, asks for an IPv6 route. */
export const isClaim = ({ fn }: ProbeObservation): boolean => fn === 'ip6_route_add';

/** What the kernel itself, or an ioctl, asks for, and is there already. `claim`: the record of the asking. */
export function repeatedBy(claim: ProbeObservation): SeenEdit | undefined {
  const { dst, dstlen, src, srclen, table, metric, ifindex, gateway, nhid, rtflags } = claim.fields;
  const edit = lifetimeOf(claim.fields, false);
  if (dst === undefined || dstlen === undefined || table === undefined || metric === undefined || rtflags === undefined || edit === undefined) return undefined;
  const via = (rtflags & RTF_GATEWAY) === 0 || gateway === undefined ? undefined : formatIpv6(gateway, 0);
  const leg = { ...(ifindex === undefined || ifindex === 0 ? {} : { ifindex }), ...(via === undefined ? {} : { gateway: via }) };
  return repeated(`${formatIpv6(dst, 0)}/${dstlen}`, {
    table, metric, ...(src === undefined || srclen === undefined || srclen === 0 ? {} : { src: `${formatIpv6(src, 0)}/${srclen}` }),
    ...(nhid === undefined || nhid === 0 ? { leg: { ...leg, weight: 1, flags: 0 } } : { nhid }),
  }, edit);
}

/** A request for a route that is there already. */
function repeatedRequest({ msg, msglen }: Fields): SeenEdit | undefined {
  if (msg === undefined || msglen === undefined) return undefined;
  const message = decodeMessage(msg.subarray(0, Math.min(msg.length, msglen)));
  if (message.kind !== 'route' || message.route.family !== 'ipv6') return undefined;
  const { header, route } = message;
  const { expiresSec, nexthops: [leg, ...more], nhid, src, table, metric } = route;
  // Of a long request only the beginning is known, and what it says of its end may stand behind it.
  const isCut = msglen > msg.length && expiresSec === undefined;
  if (isCut || more.length > 0 || (leg === undefined && nhid === undefined)) return undefined;
  const found = repeated(route.dst, { table, metric, ...(src === undefined ? {} : { src }), ...(nhid === undefined ? {} : { nhid }), ...(leg === undefined ? {} : { leg }) },
    { expires: expiresSec !== undefined, ...(expiresSec === undefined ? {} : { lifetimeSec: expiresSec }) });
  return found === undefined ? undefined : { ...found, request: { type: header.type, flags: header.flags, exact: true } };
}

/** As the kernel fills in what was left out. */
function repeated(prefix: string, { table, metric, ...route }: Pick<PartialRoute, 'table' | 'metric' | 'src' | 'nhid' | 'leg'>, edit: Edit): SeenEdit | undefined {
  const dst = networkOf(addressPart(prefix), lengthPart(prefix));
  return dst === undefined ? undefined : {
    seen: { family: 'ipv6', dst, tos: 0, table: table === 0 ? RT_TABLE.MAIN : table, metric: metric === 0 ? USER_METRIC : metric, ...route }, edit: { ...edit, ifExpiring: true },
  };
}
