import { IFA_F, type AddressMessage } from '../model/rtnetlink.ts';
import { lengthPart } from '../netlink/prefix-text.ts';
import { addressText, roleOf, routesOfAddress, type AddressRole } from './address-routes.ts';
import { RTN, RTPROT, RT_SCOPE } from '../model/route.ts';
import { read, type Case, type Origin } from './origin.ts';
import { routeWords } from './route-words.ts';

const MADE: Readonly<Record<Exclude<AddressRole, 'anycast'>, string>> = {
  local: 'It is the address itself',
  broadcast: 'It is the broadcast address of its prefix',
  'network-broadcast': 'It is the first address of its prefix, which kernels up to 5.13 take for a broadcast address, too',
  prefix: 'It is the prefix of the link',
  peer: 'It is the other end of the link',
};

/** A route that the kernel makes by itself for an address of this host. */
export function fromAddress(one: Case): Origin | undefined {
  const { route, situation } = one;
  const owners = situation.addresses.flatMap(address => {
    const role = roleOf(route, address, situation);
    return role === undefined || role === 'anycast' ? [] : [{ address, role }];
  }).sort((a, b) => (a.address.flags & IFA_F.SECONDARY) - (b.address.flags & IFA_F.SECONDARY));
  const [owner] = owners;
  if (owner === undefined) return undefined;
  const text = addressText(owner.address, situation);
  // The kernel makes a route for the primary address of a prefix; for others there is nothing more to make.
  const others = owners.slice(1).map(({ address }) => addressText(address, situation));
  const isAsMade = scopeFits(one, owner.role) && metricFits(one, owner.address);
  const mayBeAdvertised = route.family === 'ipv6' && route.expiresSec !== undefined;
  return {
    id: 'address', standing: isAsMade && !mayBeAdvertised ? 'likely' : 'possible', causeId: route.family === 'ipv4' ? 'ipv4-address-added' : 'ipv6-address-added',
    text: `The kernel made it for address ${text}.`,
    for: [
      read(`${MADE[owner.role]}: address ${text} is there.`),
      read(`Type, table, protocol kernel, scope and device are those that the kernel gives to such a route.`),
      ...others.map(other => read(`${other} is in the same prefix: the route stays until the last of them goes.`)),
    ].slice(0, isAsMade ? undefined : 1),
    against: [
      ...(isAsMade ? [] : [read('Scope or metric differ from what the kernel gives to such a route: a program may have made it.')]),
      ...(mayBeAdvertised ? [read('It has an expiry, as prefixes have that routers advertise; an address with a lifetime brings one, too.')] : []),
    ],
    confirm: `A recording of the moment when the address came; or remove the address and see the route go with it.`,
  };
}

const scopeFits = ({ route }: Case, role: AddressRole): boolean => route.family === 'ipv6' || route.scope === (role === 'local' || route.type === RTN.LOCAL ? RT_SCOPE.HOST : RT_SCOPE.LINK);

/** IPv6 prefixes have 256, other routes of addresses 0, unless the address says otherwise. */
function metricFits({ route }: Case, address: AddressMessage): boolean {
  if (address.metric !== undefined && address.metric !== 0) return route.metric === address.metric || route.type !== RTN.UNICAST;
  return route.family === 'ipv4' ? route.metric === 0 : route.metric === (lengthPart(route.dst) === 128 && route.type === RTN.LOCAL ? 0 : 256);
}

/** For an address of this host: every route that it brought, and what people miss. */
export function bundleOf(one: Case): readonly string[] {
  const { route, situation } = one;
  const owner = situation.addresses.find(address => roleOf(route, address, situation) !== undefined && (address.flags & IFA_F.SECONDARY) === 0)
    ?? situation.addresses.find(address => roleOf(route, address, situation) !== undefined);
  if (owner === undefined || route.protocol !== RTPROT.KERNEL) return [];
  const { present, missing } = routesOfAddress(owner, situation);
  const tables = new Set(present.map(({ table }) => table)).size;
  const list = present.map(other => routeWords(other, one)).join('; ');
  return [`Address ${addressText(owner, situation)} has ${present.length} ${present.length === 1 ? 'route' : 'routes'} in ${tables} ${tables === 1 ? 'table' : 'tables'}: ${list}.`, ...missing];
}
