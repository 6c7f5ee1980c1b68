import { REFERENCES } from '../causes/references.ts';
import type { Reference } from '../model/output.ts';
import { TABLES } from '../netlink/names.ts';
import { numberNamed, numberOf, type Entry, type HostNames } from './entry.ts';

interface TableText { readonly text: readonly string[]; readonly references: readonly Reference[] }
const { rtTables, rtnetlinkHeader, ipRule, ipRoute, vrf } = REFERENCES;

const TEXTS: ReadonlyMap<string, TableText> = new Map<string, TableText>([
  ['0', { text: ['No table has number 0: it stands for "none given".',
    'In a request to add or delete a route it means main.',
    'In a request to list routes it means all tables (ip route show table all).',
    'In a rule of VRFs it means the table of the VRF that the packet belongs to (lookup [l3mdev-table]).',
    'IPv4: in an answer to ip route get it means that no table decided, as for 255.255.255.255.'],
  references: [rtnetlinkHeader, ipRoute] }],
  ['252', { text: ['It is a stopgap rather than a table: the field for tables in a message has 8 bits, and holds 252 where the number does not fit.',
    'The real number then stands in an attribute of its own (RTA_TABLE), and that is what iproute2 and routecause show.',
    'A table of one\'s own had better have another number.'],
  references: [rtnetlinkHeader] }],
  ['253', { text: ['It is the table for what no other table decided, and it is empty unless somebody fills it.',
    'IPv4: rule 32767, the last one, leads to it.',
    'IPv6: no rule leads to it, unless somebody adds one: routes in it are not used.'],
  references: [rtTables, ipRule] }],
  ['254', { text: ['It is the table of ordinary routes, and the one that ip route add and ip route show mean where none is given.',
    'Rule 32766 leads to it, after table local and after rules of one\'s own.',
    'The kernel puts the prefix routes of addresses there, and for IPv6 the routes of router advertisements; those of a device in a VRF go to the table of the VRF.'],
  references: [rtTables, ipRule] }],
  ['255', { text: ['It is the kernel\'s own table of what is delivered here: addresses of this host, broadcast and anycast addresses.',
    'Rule 0 leads to it, so that it is asked first; without that rule this host does not know its own addresses.',
    'ip route show does not list it: ip route show table local does, with -6 for IPv6.',
    'iproute2 puts routes of type local, broadcast, anycast and nat there where no table is given.',
    'Addresses of a device in a VRF have their routes in the table of the VRF instead.',
    'IPv6: the ff00::/8 route of each device stands there as well; a kernel without CONFIG_IPV6_MULTIPLE_TABLES has all of this in main.'],
  references: [rtTables, ipRule, vrf] }],
  ['all', { text: ['It is iproute2\'s word for all tables: ip route show table all.', 'The request for it has table 0.'], references: [ipRoute] }],
  ['cache', { text: ['It is iproute2\'s word for exceptions to routes, which redirects and path MTUs make for one destination (ip route show cache).',
    'They stand beside the route, not in a table, and override it until they expire or ip route flush cache removes them.'],
  references: [ipRoute, REFERENCES.pathMtu, REFERENCES.pathMtu6] }],
  ['vrf', { text: ['Each VRF device has a table; ip -d link show type vrf tells its number, and ip route show vrf NAME lists it.',
    'The first VRF brings the rule "1000: from all lookup [l3mdev-table]", which leads packets of a VRF and its ports to its table.',
    'All routes of the ports stand there, also those that would be in local.',
    'Where the table has no route the lookup goes on with the next rules, so with main: an unreachable default route of a high metric prevents that.'],
  references: [vrf] }],
]);

/** Numbers that programs take without being asked, by default. */
const HABITS: ReadonlyMap<number, string> = new Map([
  [52, 'Tailscale puts its routes into table 52 by default.'],
  [220, 'strongSwan puts its routes into table 220 by default.'],
  [51820, 'wg-quick puts a default route over WireGuard into table 51820 by default, or into the next free number.'],
]);

export const tableKeys = (): readonly string[] => [...TEXTS.keys()].map(key => TABLES[Number(key)] ?? key);

export function tableEntry(key: string, names: HostNames): Entry | undefined {
  const number = numberOf(key, 0xffff_ffff) ?? numberNamed(key, Object.entries(TABLES).map(([id, name]) => [Number(id), name] as const)) ?? numberNamed(key, names.tables ?? []);
  if (number === undefined) {
    const text = TEXTS.get(key);
    return text === undefined ? undefined : { topic: 'table', key, title: key === 'vrf' ? 'the table of a VRF' : `table ${key}`, ...text };
  }
  const name = names.tables?.get(number) ?? TABLES[number] ?? (number === 252 ? 'compat' : undefined);
  const title = `table ${number}${name === undefined ? '' : ` (${name})`}`;
  const { text, references } = TEXTS.get(String(number)) ?? ownTable(number, names);
  const renamed = number in TABLES && name !== TABLES[number] ? [`An rt_tables entry of this host calls it ${name}.`] : [];
  return { topic: 'table', key: String(number), title, text: [...text, ...renamed], references };
}

/** A table that the kernel gives no meaning. */
function ownTable(number: number, { tables }: HostNames): TableText {
  const name = tables?.get(number);
  const habit = HABITS.get(number);
  return {
    text: [
      'It is a table of somebody\'s own: packets are led there by a rule (ip rule show) or by a VRF (ip -d link show type vrf), and without one its routes are not used.',
      ...(habit === undefined ? [] : [habit]),
      ...(name === undefined ? [] : [`An rt_tables entry of this host calls it ${name}.`]),
      ...(name === undefined && tables !== undefined ? ['No rt_tables entry of this host names it; it needs none.'] : []),
      `ip route show table ${number} lists it, with -6 for IPv6; the two families have tables of their own under one number.`,
    ],
    references: [ipRule, vrf],
  };
}
