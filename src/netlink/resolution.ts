import { RTN } from '../model/route.ts';
import { RTM } from './constants.ts';
import { decodeLookup } from './decode-lookup.ts';

/** How one address is reached, as the kernel answered. */
export interface Resolution {
  /** Why it is not reached at all. */
  readonly errno?: number;
  /** RTN_*, and the leg that is taken. */
  readonly type?: number; readonly ifindex?: number; readonly gateway?: string; readonly table?: number;
  /** The source address that was chosen. */
  readonly source?: string;
  /** The entry of the FIB that decides. */
  readonly match?: { readonly dst: string; readonly table: number; readonly type: number; readonly legs: readonly string[] };
  /** The address that it is reached from is this host's own. */
  readonly isFromHere?: boolean;
}

/** The three answers that belong together, as they came: what packets take, the FIB's entry, and how the source address itself is reached. */
export interface RawAnswers { readonly taken: Uint8Array; readonly match?: Uint8Array; readonly from?: Uint8Array }

/** undefined: these are no answers. Never throws. */
export function resolutionOf({ taken, match, from }: RawAnswers): Resolution | undefined {
  const answer = decodeLookup(taken);
  const entry = match === undefined ? undefined : decodeLookup(match);
  const source = from === undefined ? undefined : decodeLookup(from);
  if (answer === undefined) return undefined;
  const around = {
    ...(entry?.kind !== 'route' ? {} : { match: { dst: entry.route.dst, table: entry.route.table, type: entry.route.type, legs: entry.route.nexthops.map(leg => `${leg.gateway ?? ''}%${leg.ifindex ?? ''}`) } }),
    ...(source === undefined ? {} : { isFromHere: source.kind === 'route' && source.route.type === RTN.LOCAL }),
  };
  if (answer.kind === 'error') return { errno: answer.errno, ...around };
  const { type, table, prefsrc, nexthops: [leg] } = answer.route;
  return {
    type, table, ...(leg?.ifindex === undefined ? {} : { ifindex: leg.ifindex }), ...(leg?.gateway === undefined ? {} : { gateway: leg.gateway }),
    ...(prefsrc === undefined ? {} : { source: prefsrc }), ...around,
  };
}

/** Equal texts: nothing that counts has changed. Lifetimes and metrics do not. */
export const resolutionKey = (resolution: Resolution): string => JSON.stringify([
  resolution.errno, resolution.type, resolution.ifindex, resolution.gateway, resolution.table, resolution.source, resolution.isFromHere,
  resolution.match?.dst, resolution.match?.table, resolution.match?.type, resolution.match?.legs,
]);

const SWEEPING: readonly number[] = [RTM.NEWLINK, RTM.DELLINK, RTM.NEWADDR, RTM.DELADDR, RTM.NEWRULE, RTM.DELRULE, RTM.NEWNEXTHOP, RTM.DELNEXTHOP];

/** Messages of this type (RTM_*) tell of what may change how any address is reached. */
export const mayMoveAll = (type: number): boolean => SWEEPING.includes(type);
