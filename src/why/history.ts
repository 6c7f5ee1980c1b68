import type { ChangeOutput, NetnsOutput, RouteChangeOutput, RouteOutput } from '../model/output.ts';
import type { Route } from '../model/route.ts';
import type { OriginOutput, Statement } from '../model/why.ts';
import { routeTypeName } from '../netlink/names.ts';
import { covers, parsePrefix, type Address } from '../netlink/parse-address.ts';
import { lengthPart } from '../netlink/prefix-text.ts';

/** What a recording tells, explained as a replay would. */
export interface History {
  readonly file: string;
  /** What it is, where it is not a recording. */
  readonly called?: 'session';
  /** Recorded by the kernel that runs now; else its namespaces and routes are others. */
  readonly isOfThisBoot: boolean;
  /** The very namespace is in it that is asked about. */
  readonly isOfThisNamespace: boolean;
  /** Time of day of the last thing in it. */
  readonly until?: string;
  readonly isWhole: boolean;
  readonly changes: readonly ChangeOutput[];
}

const isOfUse = (history: History | undefined): history is History => history !== undefined && history.isOfThisBoot && history.isOfThisNamespace;

type Change = RouteChangeOutput;
const observed = (text: string): Statement => ({ basis: 'observed', text });
const clock = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;

const isThere = ({ netns }: Change['route'], here: NetnsOutput): boolean => netns.inode === here.inode;

function changesOf(route: Route, history: History, here: NetnsOutput): readonly Change[] {
  return history.changes.filter((change): change is Change => (change.kind === 'route-change' || change.kind === 'route-present') && isThere(change.route, here)
    && keyOf(change.route) === keyOfNow(route) && isSameWay(change.route, route));
}

/** What a route is told apart by in its table; the numbers of devices hold within one boot. */
const keyOf = ({ family, dst, src, tos, table, type, metric, nexthops, ifindex, gateway }: RouteOutput): string =>
  [family, dst, src, tos ?? 0, table, type, metric, family === 'ipv6' && nexthops === undefined ? `${ifindex} ${gateway}` : ''].join(' ');
const keyOfNow = ({ family, dst, src, tos, table, type, metric, nexthops: [leg, ...more] }: Route): string =>
  [family, dst, src, tos, table, routeTypeName(type), metric, family === 'ipv6' && more.length === 0 ? `${leg?.ifindex} ${leg?.gateway}` : ''].join(' ');

/** A route that leads elsewhere by now came later, unseen. */
function isSameWay(then: RouteOutput, { nexthops: [leg, ...more], nhid }: Route): boolean {
  if (nhid !== undefined || then.nhid !== undefined) return then.nhid === nhid;
  return more.length > 0 || then.nexthops !== undefined || (then.ifindex === leg?.ifindex && then.gateway === leg?.gateway);
}

const sureness = (change: Change): string => change.verdict === 'caused' ? change.confidence ?? 'caused' : change.verdict === 'predates-session' ? 'nobody saw it come' : 'cause unknown';

const LONGEST_COMMAND = 200;

/** What the actor had been started as. */
function commandOf({ actor: { argv, comm, pid, unit } }: Change): readonly Statement[] {
  if (argv === undefined || argv.length === 0) return [];
  const line = argv.join(' ');
  return [observed(`${comm ?? '?'}[${pid ?? '?'}]${unit === undefined ? '' : `, of ${unit},`} ran: ${line.length > LONGEST_COMMAND ? `${line.slice(0, LONGEST_COMMAND)}...` : line}`)];
}

/** How the route came, as a recording saw it; undefined: it did not. */
export function observedOrigin(route: Route, history: History | undefined, here: NetnsOutput): { readonly origin: OriginOutput; readonly change: Change } | undefined {
  if (!isOfUse(history)) return undefined;
  const change = changesOf(route, history, here).at(-1);
  // Found at the start, it says nothing of where it came from.
  if (change === undefined || change.change === 'delete' || change.verdict !== 'caused') return undefined;
  return {
    change,
    origin: {
      id: 'recording', standing: 'observed', cause: change.cause,
      said: observed(`${clock(change.time)} (${sureness(change)}): ${change.headline}.`),
      for: [...commandOf(change), ...change.evidence.map(({ text }) => observed(text))],
      against: [...(history.until === undefined ? [] : [observed(`The ${history.called ?? 'recording'} ends at ${clock(history.until)}: what has happened since is not in it.`)]), ...(change.caveats ?? []).map(observed)],
    },
  };
}

/** What else the recording knows of routes to the destination: this one before, and longer ones that went. */
export function remarks(address: Address, route: Route | undefined, history: History | undefined, here: NetnsOutput): readonly Statement[] {
  if (!isOfUse(history)) return [];
  const last = new Map<string, Change>();
  for (const change of history.changes) {
    if ((change.kind !== 'route-change' && change.kind !== 'route-present') || !isThere(change.route, here)) continue;
    const prefix = parsePrefix(change.route.dst);
    if (prefix === undefined || !covers(prefix, address)) continue;
    last.set(keyOf(change.route), change);
  }
  const own = route === undefined ? undefined : keyOfNow(route);
  return [...last].flatMap(([key, change]) => {
    if (key === own) return change.kind === 'route-present' || change.verdict === 'predates-session' ? [observed(`It was there when the ${history.called ?? 'recording'} began, at ${clock(change.time)}.`)]
      : change.change === 'delete' ? [observed(`The ${history.called ?? 'recording'} saw it go at ${clock(change.time)} (${sureness(change)}: ${change.headline}); how it came back is not in it.`)] : [];
    const isLonger = route === undefined || lengthPart(change.route.dst) >= lengthPart(route.dst);
    return change.change === 'delete' && isLonger ? [observed(`Until ${clock(change.time)} there was ${change.route.type === 'unicast' ? '' : `${change.route.type} `}${change.route.dst} in table ${change.route.tableName ?? change.route.table} (${sureness(change)}): ${change.headline}.`)] : [];
  });
}
