import type { Route } from '../model/route.ts';
import type { Standing, Statement } from '../model/why.ts';
import type { Situation } from '../lookup/situation.ts';

/** What may be known besides the tables: all of it read from /proc, and absent where it could not be. */
export interface Surroundings {
  /** Uses of anycast addresses: /proc/net/anycast6. */
  readonly anycastUses?: readonly AnycastUse[];
  /** Who holds memberships of anycast addresses. undefined: nobody looked, or it could not be found out. */
  readonly anycastHolders?: readonly AnycastHolder[];
  /** Programs with a routing socket in this namespace. */
  readonly programs?: readonly RoutingProgram[];
  /** Every process could be looked into. */
  readonly sawAllPrograms: boolean;
  /** iproute2's names of protocols on this host. */
  readonly protocolName: (protocol: number) => string | undefined;
  /** The VRF device of a table, or iproute2's name of it. */
  readonly tableName: (table: number) => string | undefined;
}

/** `address`: 32 hexadecimal digits. */
export interface AnycastUse { readonly ifindex: number; readonly address: string; readonly users: number }
export interface AnycastHolder { readonly ifindex: number; readonly address: string; readonly program: Omit<RoutingProgram, 'portids'> }
export interface RoutingProgram { readonly pid: number; readonly comm: string; readonly argv: readonly string[]; readonly unit?: string; readonly portids: readonly number[] }

/** One way in which a route may have come. */
export interface Origin {
  readonly id: string;
  readonly standing: Exclude<Standing, 'observed'>;
  /** One sentence. */
  readonly text: string;
  readonly for: readonly Statement[];
  readonly against: readonly Statement[];
  /** What would prove or refute it. */
  readonly confirm: string;
  /** The cause (src/causes) by which such a route comes. */
  readonly causeId?: string;
}

export interface Case { readonly route: Route; readonly situation: Situation; readonly surroundings: Surroundings }
/** A way in which routes come: undefined where this one cannot have come so. */
export type OriginReader = (one: Case) => Origin | undefined;

export const read = (text: string): Statement => ({ basis: 'read', text });
export const deviceName = ({ links }: Situation, ifindex: number | undefined): string => (ifindex === undefined ? 'no device' : links.get(ifindex)?.name ?? `ifindex ${ifindex}`);
export const deviceOf = ({ route, situation }: Pick<Case, 'route' | 'situation'>): string => deviceName(situation, route.nexthops[0]?.ifindex);
