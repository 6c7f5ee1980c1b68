import { assertNever } from '../model/errors.ts';
import type { Actor, AncestorOutput, Confidence, LegOutput, NetnsOutput, RouteOutput, Tier, UnknownReason, Verdict } from '../model/output.ts';

/** Time of day of an RFC 3339 time in UTC, as written there: the outputs of one run line up with each other. */
export const clockText = (time: string, fractionDigits = 3): string => time.slice(11, fractionDigits === 0 ? 19 : 20 + fractionDigits);

/** How much the verdict claims, in one word. */
export function verdictWord(change: { readonly verdict: Verdict; readonly confidence?: Confidence }): string {
  switch (change.verdict) {
    case 'caused': return change.confidence ?? 'caused';
    case 'predates-session': return 'before';
    case 'unknown': return 'unknown';
    default: return assertNever(change.verdict);
  }
}

export function reasonText(reason: UnknownReason): string {
  switch (reason) {
    case 'no-match': return 'nothing that was seen explains it';
    case 'blind': return 'a probe that could tell is not armed on this host';
    case 'events-lost': return 'events were lost around it';
    default: return assertNever(reason);
  }
}

/** Whether kernel functions are traced, in one word; the source behind it follows where there is room. */
export const tierWord = (tier: Tier): string => (tier === 'netlink' ? 'netlink only' : 'tracing');

/**
 * A route as iproute2 words it; the table is left out only where iproute2 would (main). `netns`: across namespaces,
 * each is told; `legs`: these, in place of those that the route has.
 */
export function routeText(route: RouteOutput, options: { readonly netns?: boolean; readonly legs?: RouteOutput['nexthops'] } = {}): string {
  const legs = options.legs ?? route.nexthops ?? [];
  const only = options.legs?.length === 1 ? options.legs[0] ?? route : route;
  return [
    // A request to delete may leave the type open.
    route.type === 'unicast' || route.type === 'unspec' ? '' : route.type,
    route.dst,
    part('from', route.src),
    part('tos', route.tos === 0 ? undefined : route.tos),
    legs.length > 1 ? `via {${legs.map(legText).join(', ')}}` : part('via', only.gateway),
    legs.length > 1 ? '' : part('dev', only.dev),
    route.table === 254 ? '' : `table ${namedNumber(route.table, route.tableName)}`,
    options.netns === true ? part('netns', netnsText(route.netns)) : '',
  ].filter((text) => text !== '').join(' ');
}

/** The fields of a route that `routeText` leaves out. */
export function routeFields(route: RouteOutput): string {
  return [
    `proto ${namedNumber(route.protocol, route.protocolName)}`, `scope ${route.scope}`, `metric ${route.metric}`,
    part('src', route.prefsrc), part('nhid', route.nhid),
    part('expires', route.expires === undefined ? undefined : `${route.expires}s`), part('pref', route.pref),
    ...Object.entries(route.metrics ?? {}).map(([name, value]) => `${name} ${value}`),
    `netns ${netnsText(route.netns)}`,
  ].filter((text) => text !== '').join('  ');
}

export const netnsText = (netns: NetnsOutput): string => netns.name ?? String(netns.inode);

/** A leg of a multipath route. */
function legText(leg: LegOutput): string {
  const weight = leg.weight === 1 ? '' : `weight ${leg.weight}`;
  return [leg.gateway, part('dev', leg.dev), weight, ...(leg.flags ?? [])].filter((text) => text !== undefined && text !== '').join(' ');
}

/** Who it was, short: `sysctl[4242]`, a router's address, or the kernel itself. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case 'process': return processName(actor);
    case 'router': return `router ${actor.address ?? '(address unknown)'}`;
    case 'kernel': return 'the kernel itself';
    case 'unknown': return actor.pid === undefined && actor.comm === undefined ? 'unknown' : `unknown (${processName(actor)})`;
    default: return assertNever(actor.kind);
  }
}

/** On whose behalf: user and systemd unit. */
export function actorStanding(actor: Actor): string {
  const uid = actor.uid === undefined ? '' : `uid ${actor.uid}${actor.uid === 0 ? ' (root)' : ''}`;
  return [uid, part('unit', actor.unit)].filter((text) => text !== '').join('  ');
}

/** The command line as one would type it; arguments with other than plain characters are quoted. */
export const commandText = (argv: readonly string[]): string =>
  argv.map((argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`)).join(' ');

/** Parents, nearest first. */
export const ancestryText = (ancestry: readonly AncestorOutput[]): string => ancestry.map(processName).join(' < ');

const processName = (task: { readonly pid?: number; readonly comm?: string }): string =>
  task.comm === undefined ? (task.pid === undefined ? '?' : `process ${task.pid}`) : `${task.comm}${task.pid === undefined ? '' : `[${task.pid}]`}`;
export const namedNumber = (number: number, name: string | undefined): string =>
  name === undefined || name === String(number) ? String(number) : `${number} (${name})`;
const part = (word: string, value: string | number | undefined): string => (value === undefined ? '' : `${word} ${value}`);
