import type { Actor, ChangeOutput, RouteChangeOutput, RuleChangeOutput, WarOutput, WarSide } from '../model/output.ts';
import { endsWar } from './peace.ts';

/** Tells when two programs undo each other's routes, rules or addresses, over and over. */
export interface WarWatch {
  /** The war that this change is a blow of; undefined: none, or not yet. Each change once, in order. */
  observe(change: ChangeOutput): WarOutput | undefined;
}

/** What one side did in a row, until the other one acted. */
interface Turn { readonly actor: Actor; readonly chain: readonly string[]; readonly ns: bigint; readonly state: string; readonly effect: string; readonly time: string }

/** So many turns, each of which undoes the one before it, are no accident: two of each side. */
const TURNS = 4;
const KEPT_TURNS = 16;
const KEPT_LINES = 8;
const KEPT_KEYS = 10_000;
/** What was undone longer ago is no answer. */
const PATIENCE_NS = 3_600_000_000_000n;

export function createWarWatch(): WarWatch {
  const battlefields = new Map<string, readonly Line[]>();
  return {
    observe(change) {
      if (change.kind !== 'route-change' && change.kind !== 'rule-change') return undefined;
      const turn = turnOf(change);
      if (turn === undefined) return undefined;
      const key = keyOf(change);
      const lines = takeLines(battlefields.get(key) ?? [], turn);
      battlefields.delete(key);
      battlefields.set(key, lines);
      if (battlefields.size > KEPT_KEYS) battlefields.delete(battlefields.keys().next().value ?? '');
      return lines.map(warOf).reduce((longest, war) => (war?.turns ?? 0) > (longest?.turns ?? 0) ? war : longest, undefined);
    },
  };
}

type Fought = RouteChangeOutput | RuleChangeOutput;

/** What can be fought over: a place in a table, or a rule. An address is fought over by its own route. */
function keyOf(change: Fought): string {
  if (change.kind === 'rule-change') return `rule ${change.rule.netns.inode} ${change.rule.family} ${change.rule.text}`;
  const { netns, family, table, dst, src, tos, metric } = change.route;
  return `route ${netns.inode} ${family} ${table} ${dst} ${src ?? ''} ${tos ?? 0} ${metric}`;
}

function turnOf(change: Fought): Turn | undefined {
  const { actor } = change;
  if (change.verdict !== 'caused' || (actor.kind !== 'process' && actor.kind !== 'router')) return undefined;
  return { actor, chain: chainOf(actor), ns: BigInt(change.bootTimeNs), time: change.time, state: stateAfter(change), effect: change.change };
}

/** Who stands behind an act, nearest first. A service has its unit in common with itself, even where each run is a process of its own. */
function chainOf({ kind, address, pid, ancestry = [], unit }: Actor): readonly string[] {
  if (kind === 'router') return [`router ${address ?? ''}`];
  const pids = [pid, ...ancestry.map(parent => parent.pid)].filter(one => one !== 1).map(String);
  return [...pids, ...(unit === undefined ? [] : [unit])];
}

/** Two states that read the same are the same for whoever fights over them. */
function stateAfter(change: Fought): string {
  if (change.change === 'delete') return '';
  if (change.kind === 'rule-change') return 'there';
  const { type, gateway, dev, ifindex, nexthops, nhid, prefsrc } = change.route;
  // A router does not fight for a device: what it says comes again with each new one of the name.
  return JSON.stringify([type, gateway, change.actor.kind === 'router' ? ifindex : dev, nexthops?.map(leg => [leg.gateway, leg.dev]), nhid, prefsrc]);
}

/** How many generations up the two have somebody in common, other than init: 0 is the same process. */
function distance(a: Turn, b: Turn): number {
  const at = a.chain.findIndex(one => b.chain.includes(one));
  return at < 0 ? Infinity : at;
}

/** Turns that follow each other. */
type Line = readonly Turn[];

/** Who came by before a war began, or acted once in between, is no side of it: so each act may be the first one. */
function takeLines(lines: readonly Line[], turn: Turn): readonly Line[] {
  const longer = [...lines.map(line => takeTurn(line, turn)), [turn]];
  const isNew = (line: Line, at: number): boolean => longer.findIndex(other => other.length === line.length && other[0] === line[0]) === at;
  return longer.filter(isNew).sort((a, b) => b.length - a.length).slice(0, KEPT_LINES);
}

/** A change belongs to the side it is nearer to; where that cannot be told, all begins anew. */
function takeTurn(turns: Line, turn: Turn): Line {
  const last = turns.at(-1);
  if (last === undefined || turn.ns - last.ns > PATIENCE_NS) return [turn];
  const other = turns.at(-2);
  const [toLast, toOther] = [distance(turn, last), other === undefined ? 2 : distance(turn, other)];
  if (toLast < toOther) return [...turns.slice(0, -1), turn];
  return toLast === toOther && other !== undefined ? [turn] : [...turns, turn].slice(-KEPT_TURNS);
}

function warOf(turns: Line): WarOutput | undefined {
  const last = turns.at(-1);
  const other = turns.at(-2);
  if (last === undefined || other === undefined || last.state === other.state) return undefined;
  // The turns of one side have to end in one state, those of the other in another one.
  let rounds = turns.length;
  for (let back = turns.length - 1; back >= 0 && turns[back]?.state === (((turns.length - 1 - back) % 2 === 0) ? last : other).state; back -= 1) rounds = turns.length - back;
  const fought = turns.slice(-rounds);
  const first = fought[0];
  if (fought.length < TURNS || first === undefined) return undefined;
  const sides = [sideOf(fought, 1), sideOf(fought, 2)] as const;
  const between = Number(last.ns - first.ns) / 1e9 / (fought.length - 1);
  return { sides, turns: fought.length, since: first.time, periodSeconds: Math.round(between * 2 * 1000) / 1000, advice: endsWar(sides) };
}

/** The side that acted last (1) or before it (2): named by what its turns have in common. */
function sideOf(turns: readonly Turn[], fromEnd: 1 | 2): WarSide {
  const [latest, earlier] = [turns.at(-fromEnd), turns.at(-fromEnd - 2)];
  if (latest === undefined) return { effect: '' };
  const { actor, effect } = latest;
  if (actor.kind === 'router') return { effect, ...(actor.address === undefined ? {} : { address: actor.address }) };
  const shared = earlier === undefined ? undefined : latest.chain[distance(latest, earlier)];
  // What they have in common may be no process but the unit: then the acts themselves are named.
  const who = actor.ancestry?.find(parent => String(parent.pid) === shared) ?? actor;
  const { pid, comm, argv } = who;
  return {
    effect, ...(pid === undefined ? {} : { pid }), ...(comm === undefined ? {} : { comm }), ...(argv === undefined ? {} : { argv }),
    ...(actor.unit === undefined ? {} : { unit: actor.unit }),
  };
}

const nameOf = ({ unit, comm, pid, address }: WarSide): string =>
  address !== undefined ? `router ${address}` : `${comm ?? 'a program'}${pid === undefined ? '' : `[${pid}]`}${unit === undefined ? '' : ` (${unit})`}`;

/** For a headline. */
export const warWords = ({ sides: [latest, other], turns, periodSeconds }: WarOutput): string =>
  `this is a war: ${nameOf(latest)} and ${nameOf(other)} have undone each other ${turns - 1} times, every ${periodSeconds} s`;
