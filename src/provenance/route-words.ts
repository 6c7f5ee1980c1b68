import { RTN, type Route } from '../model/route.ts';
import { routeTypeName } from '../netlink/names.ts';
import { deviceName, type Case } from './origin.ts';

type Place = Pick<Case, 'situation' | 'surroundings'>;

/** A route in a sentence, short: "broadcast 192.0.2.255/32 dev eth0 table local". */
export function routeWords(route: Route, place: Place): string {
  const legs = route.nexthops.map(({ gateway, ifindex }) => `${gateway === undefined ? '' : `via ${gateway} `}dev ${deviceName(place.situation, ifindex)}`);
  return [
    route.type === RTN.UNICAST ? '' : routeTypeName(route.type), route.dst, legs.length > 1 ? `{${legs.join(', ')}}` : legs[0] ?? '',
    `table ${tableWords(route.table, place)}`,
  ].filter(text => text !== '').join(' ');
}

/** Shorter still, where the way is told before: "10.0.0.0/8, table main". */
export const routeName = (route: Route, place: Place): string => `${route.type === RTN.UNICAST ? '' : `${routeTypeName(route.type)} `}${route.dst}, table ${tableWords(route.table, place)}`;

/** The VRF's device or the name in rt_tables, else the number. */
export const tableWords = (table: number, { surroundings }: Place): string => surroundings.tableName(table) ?? String(table);
