import type { Attempt, NameLookup } from '../model/attribution.ts';
import type { Route } from '../model/route.ts';
import { NLM_F, type NlHeader } from '../model/rtnetlink.ts';
import { RTM } from '../netlink/constants.ts';
import { PROTOCOLS, TABLES } from '../netlink/names.ts';
import { ruleText } from './rule-words.ts';
import { requestName } from './trigger.ts';

/** What was to be done to what, in the words of `ip`: "route" "add". */
export interface Asked { readonly object: string; readonly verb: string }

const OBJECTS: Readonly<Record<number, string>> = {
  [RTM.NEWLINK]: 'link', [RTM.DELLINK]: 'link', [RTM.SETLINK]: 'link', [RTM.NEWADDR]: 'address', [RTM.DELADDR]: 'address',
  [RTM.NEWROUTE]: 'route', [RTM.DELROUTE]: 'route', [RTM.NEWRULE]: 'rule', [RTM.DELRULE]: 'rule',
  [RTM.NEWNEXTHOP]: 'nexthop', [RTM.DELNEXTHOP]: 'nexthop',
};
const DELETES: ReadonlySet<number> = new Set([RTM.DELLINK, RTM.DELADDR, RTM.DELROUTE, RTM.DELRULE, RTM.DELNEXTHOP]);

/** Types this has no word for keep their number. */
export const askedOf = ({ type, flags }: Pick<NlHeader, 'type' | 'flags'>): Asked =>
  ({ object: OBJECTS[type] ?? `message type ${type}`, verb: verbOf(type, flags) });

function verbOf(type: number, flags: number): string {
  if (DELETES.has(type)) return 'delete';
  if (type === RTM.NEWROUTE) return requestName(type, flags);
  if (type === RTM.SETLINK || (type === RTM.NEWLINK && (flags & NLM_F.CREATE) === 0)) return 'set';
  if ((flags & NLM_F.REPLACE) === 0) return 'add';
  return (flags & NLM_F.CREATE) === 0 ? 'change' : 'replace';
}

/** "route add", "ioctl SIOCADDRT": what was asked, without what for. */
export function requestText({ asked }: Attempt): string {
  if (asked.kind === 'ioctl') return `ioctl ${asked.request}`;
  const { object, verb } = askedOf(asked.header);
  return `${object} ${verb}`;
}

/** What it was about, as one would type it behind the request; undefined: not known. */
export function targetText({ asked }: Attempt, names: NameLookup): string | undefined {
  const device = (ifindex: number): string => names.device(ifindex) ?? `ifindex ${ifindex}`;
  switch (asked.kind) {
    case 'route': return routeWords(asked.route, names);
    case 'rule': return ruleText(asked);
    case 'address': return `${asked.address}/${asked.prefixLength}${asked.ifindex === 0 ? '' : ` dev ${device(asked.ifindex)}`}`;
    case 'nexthop': return asked.id === 0 ? undefined : `id ${asked.id}`;
    case 'link': return asked.name ?? (asked.ifindex === 0 ? undefined : device(asked.ifindex));
    default: return undefined;
  }
}

/** "198.51.100.0/24 via 192.0.2.2 dev eth0 table 77" */
function routeWords({ dst, nexthops, table, nhid }: Route, names: NameLookup): string {
  const [leg, ...more] = nexthops;
  const dev = leg?.ifindex === undefined ? undefined : names.device(leg.ifindex) ?? `ifindex ${leg.ifindex}`;
  return [
    dst, nhid === undefined ? undefined : `nhid ${nhid}`,
    ...(more.length > 0 ? [`via ${nexthops.length} nexthops`] : [leg?.gateway === undefined ? undefined : `via ${leg.gateway}`, dev === undefined ? undefined : `dev ${dev}`]),
    table === 254 || table === 0 ? undefined : `table ${names.vrf(table) ?? TABLES[table] ?? table}`,
  ].filter(part => part !== undefined).join(' ');
}

/** Of a route that is in the way: also whose it says it is. */
export const holderWords = (route: Route, names: NameLookup): string =>
  `${routeWords(route, names)} proto ${PROTOCOLS[route.protocol] ?? route.protocol}${route.metric === 0 ? '' : ` metric ${route.metric}`}`;
