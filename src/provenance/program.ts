import { protocolOwner } from '../causes/protocol-meaning.ts';
import type { Statement } from '../model/why.ts';
import { addressText, withoutPrefixRoute } from './address-routes.ts';
import { programText } from './advertisement.ts';
import { RTN, RTPROT } from '../model/route.ts';
import { read, type Case, type Origin, type RoutingProgram } from './origin.ts';

/** Names of the programs that use these protocol numbers. FRR's daemons leave the routes to zebra; it used number 11 for all of them up to version 3. */
const PROGRAMS: Readonly<Record<number, RegExp>> = {
  4: /^(systemd-network|NetworkManager|connmand|netifd|ifup|keepalived)/, 9: /^(systemd-network|NetworkManager|dhcpcd|connmand)/, 11: /^(zebra|FRR|quagga)/, 12: /^bird/,
  16: /^(dhclient|dhcpcd|udhcpc|systemd-network|NetworkManager|connmand)/, 18: /^keepalived/, 42: /^babeld/, 84: /^ovn-controller/, 99: /^openr/,
  ...Object.fromEntries(Array.from({ length: 13 }, (_, index) => [186 + index, /^zebra/])),
};
/** Claimed by so many that a running program of the kind says little. */
const COMMON: readonly number[] = [RTPROT.STATIC];

/** A program asked for it: who, as far as protocol number and running programs tell. */
export function fromProgram(one: Case): Origin | undefined {
  const { route, surroundings } = one;
  const { protocol } = route;
  const name = surroundings.protocolName(protocol);
  const fitting = (surroundings.programs ?? []).filter(program => fits(program, protocol, name));
  const found = fitting.map((program): Statement => read(`${programText(program)} runs here and holds a routing socket.`));
  const shared = { id: 'program', causeId: 'route-request', for: [...namedFor(protocol, name), ...ipv4Anycast(one), ...found, ...nexthopFor(one)] } as const;
  const owner = protocolOwner(protocol);
  const confirm = 'A recording of the moment when it came names the program and its command line.';
  switch (protocol) {
    case RTPROT.KERNEL: return inPlaceOfTheKernel(one) ?? {
      ...shared, standing: 'unlikely', text: 'A program asked for it and marked it as one of the kernel\'s.', confirm,
      for: [], against: [read('Programs do not do that by habit, though any of them may.')],
    };
    case RTPROT.BOOT: return {
      ...shared, standing: 'likely', text: 'Added by hand, by a script or by an ioctl: its protocol is boot.',
      against: [], confirm: `${confirm} Look into shell histories, boot scripts and the configuration of the network.`,
    };
    case RTPROT.RA: return { ...shared, standing: 'possible', text: found.length > 0 ? `${words(fitting)} made it from an advertisement that it worked on itself.` : 'A program that works on advertisements itself made it.', against: absent(one, fitting), confirm };
    default: {
      const against = absent(one, fitting);
      const isFound = found.length > 0 && !COMMON.includes(protocol);
      return {
        ...shared, standing: isFound || (against.length === 0 && (owner !== undefined || protocol === RTPROT.STATIC)) ? 'likely' : 'possible', against,
        text: isFound ? `${words(fitting)} made it: protocol ${name ?? protocol}.` : claimed(protocol, name, owner),
        confirm: isFound ? 'Ask that program for its own table and configuration; or a recording of the moment when it came.' : confirm,
      };
    }
  }
}

/** Network managers give addresses the flag noprefixroute, and add the route of the prefix themselves, marked as the kernel would. */
function inPlaceOfTheKernel(one: Case): Origin | undefined {
  const address = withoutPrefixRoute(one.route, one.situation);
  if (address === undefined) return undefined;
  const managers = (one.surroundings.programs ?? []).filter(({ comm }) => /^(systemd-network|NetworkManager)/.test(comm));
  return {
    id: 'program', causeId: 'route-request', standing: 'likely', against: [],
    text: `${managers.length === 0 ? 'A network manager' : words(managers)} made it in the kernel's place, for ${addressText(address, one.situation)}.`,
    for: [read(`Address ${addressText(address, one.situation)} has the flag noprefixroute: the kernel makes no route for its prefix.`), ...managers.map(program => read(`${programText(program)} runs here and holds a routing socket.`))],
    confirm: 'Ask the network manager for its own view of the device (nmcli, networkctl); or a recording of the moment when it came.',
  };
}

const words = (programs: readonly RoutingProgram[]): string => programs.map(programText).join(' or ');

/** Nobody is known to have made it: what its mark says, and no more. */
function claimed(protocol: number, name: string | undefined, owner: string | undefined): string {
  if (protocol === RTPROT.STATIC) return 'Marked as set by an administrator or a network manager: static.';
  return owner === undefined ? `Marked as protocol ${name === undefined ? protocol : `${name} (${protocol})`}, a number that no program is known by.` : `Marked as a route of ${owner}: protocol ${name ?? protocol}.`;
}

const fits = ({ comm }: RoutingProgram, protocol: number, name: string | undefined): boolean =>
  PROGRAMS[protocol]?.test(comm) === true || (protocol > RTPROT.STATIC && name !== undefined && comm.startsWith(name));

function namedFor(protocol: number, name: string | undefined): readonly Statement[] {
  if (name === undefined) return [read(`Protocol ${protocol}: no rt_protos file here has a name for it, and the kernel gives it no meaning.`)];
  if (protocol === RTPROT.BOOT) return [read('Protocol boot (3) is what iproute2 writes where no protocol is named, and what ioctls leave.')];
  return [read(`Protocol ${name} (${protocol}): ${protocol > RTPROT.STATIC ? 'the name is iproute2\'s, of its rt_protos files; the kernel gives the number no meaning' : 'whoever asked for the route wrote that'}.`)];
}

const ipv4Anycast = ({ route }: Case): readonly Statement[] =>
  route.family === 'ipv4' && route.type === RTN.ANYCAST ? [read('The kernel makes no IPv4 anycast routes by itself: somebody asked for it.')] : [];

/** A nexthop object of the same protocol is of the same hand. */
function nexthopFor({ route, situation, surroundings }: Case): readonly Statement[] {
  const nexthop = route.nhid === undefined ? undefined : situation.nexthops.get(route.nhid);
  if (nexthop === undefined || nexthop.protocol !== route.protocol || nexthop.protocol === 0) return [];
  return [read(`Its nexthop object ${nexthop.id} has the same protocol, ${surroundings.protocolName(nexthop.protocol) ?? nexthop.protocol}.`)];
}

function absent({ surroundings, route }: Case, fitting: readonly RoutingProgram[]): readonly Statement[] {
  if (fitting.length > 0 || PROGRAMS[route.protocol] === undefined) return [];
  if (surroundings.programs === undefined) return [];
  return [read(`No such program holds a routing socket in this namespace now${surroundings.sawAllPrograms ? '' : ', as far as /proc may be read'}; it may have ended.`)];
}
