import { NETCONF_ALL } from '../netlink/constants.ts';
import { addressPart } from '../netlink/prefix-text.ts';
import { addressText, IFA_F, roleOf } from './address-routes.ts';
import { programText } from './advertisement.ts';
import { RTPROT } from '../model/route.ts';
import { deviceOf, read, type AnycastHolder, type AnycastUse, type Case, type Origin } from './origin.ts';
import type { Statement } from '../model/why.ts';

const RTN_ANYCAST = 4;
const isIpv6Anycast = ({ route }: Case): boolean => route.family === 'ipv6' && route.type === RTN_ANYCAST;
/** The kernel makes them with this protocol, metric 0 and one leg; anybody else may do so, too. */
const looksKernelMade = ({ route }: Case): boolean => route.protocol === RTPROT.KERNEL && route.metric === 0;

/** "1  eth0  20010db8000000000000000000000000  1" (net/ipv6/anycast.c ac6_seq_show()): index, device, address, users. */
export function parseAnycastUses(text: string): AnycastUse[] {
  return text.split('\n').flatMap(line => {
    const [, ifindex = '', hex = '', users = ''] = /^\s*(\d+)\s+\S+\s+([0-9a-f]{32})\s+(\d+)/.exec(line) ?? [];
    return hex === '' ? [] : [{ ifindex: Number(ifindex), address: hex, users: Number(users) }];
  });
}

function useOf({ route, surroundings }: Case, hexOf: (address: string) => string | undefined): AnycastUse | undefined {
  const hex = hexOf(addressPart(route.dst));
  return surroundings.anycastUses?.find(use => use.address === hex && use.ifindex === route.nexthops[0]?.ifindex);
}

/** What /proc/net/anycast6 says for or against it that the kernel made the route. */
function usesWords(one: Case, hexOf: (address: string) => string | undefined): { readonly for: readonly Statement[]; readonly against: readonly Statement[]; readonly users?: number } {
  if (one.surroundings.anycastUses === undefined) return { for: [], against: [] };
  const use = useOf(one, hexOf);
  if (use === undefined) return { for: [], against: [read('/proc/net/anycast6 does not list the address: the kernel itself did not make this route.')] };
  return { for: [read(`/proc/net/anycast6 counts ${use.users} ${use.users === 1 ? 'user' : 'users'} of the address on ${deviceOf(one)}.`)], against: [], users: use.users };
}

/** RFC 4291 section 2.6.1: a device that forwards answers to the first address of each of its prefixes. */
export const fromSubnetRouter = (hexOf: (address: string) => string | undefined) => (one: Case): Origin | undefined => {
  if (!isIpv6Anycast(one)) return undefined;
  const { route, situation } = one;
  const owner = situation.addresses.find(address => roleOf(route, address, situation) === 'anycast' && (address.flags & IFA_F.TENTATIVE) === 0);
  const dev = deviceOf(one);
  const forwards = situation.forwarding.has(route.nexthops[0]?.ifindex ?? 0);
  const uses = usesWords(one, hexOf);
  if (owner === undefined) return undefined;
  const isCounted = uses.against.length === 0;
  return {
    id: 'subnet-router-anycast', causeId: 'subnet-router-anycast',
    standing: forwards && isCounted && looksKernelMade(one) ? 'likely' : isCounted && looksKernelMade(one) ? 'possible' : 'unlikely',
    text: forwards ? `Subnet-router anycast of ${addressText(owner, situation)}, which forwards IPv6.`
      : `It would be the subnet-router anycast address of ${addressText(owner, situation)}, but ${dev} does not forward IPv6 now.`,
    for: [
      read(`${addressText(owner, situation)} has ${addressPart(route.dst)} as the first address of its prefix, which is shorter than /127.`),
      ...(forwards ? [read(`net.ipv6.conf.${dev}.forwarding is 1${situation.forwarding.has(NETCONF_ALL) ? ', and so is that of all' : ''}.`)] : []), ...uses.for,
    ],
    against: [...(forwards ? [] : [read(`net.ipv6.conf.${dev}.forwarding is 0: the kernel takes such a route away when forwarding is switched off.`)]), ...uses.against],
    confirm: 'A recording of the moment when it came; or switch forwarding off on the device and see it go.',
  };
};

/** IPV6_JOIN_ANYCAST: memberships are counted, and their holders are listed nowhere; a walk over all open files finds them. */
export const fromAnycastSocket = (hexOf: (address: string) => string | undefined) => (one: Case): Origin | undefined => {
  if (!isIpv6Anycast(one)) return undefined;
  const uses = usesWords(one, hexOf);
  const subnet = fromSubnetRouter(hexOf)(one);
  const byForwarding = subnet?.standing === 'likely' ? 1 : 0;
  if (uses.against.length > 0 || !looksKernelMade(one)) return undefined;
  const left = (uses.users ?? 0) - byForwarding;
  const holders = holdersOf(one, hexOf);
  const wasLookedFor = one.surroundings.anycastHolders !== undefined;
  const names = [...new Set(holders.map(programText))].join(', ');
  return {
    id: 'anycast-socket', causeId: 'anycast-socket', standing: byForwarding === 0 ? 'likely' : left > 0 ? 'possible' : 'unlikely',
    text: `${names === '' ? 'A program' : names} joined the anycast address with a socket (IPV6_JOIN_ANYCAST)${byForwarding === 0 ? '' : ', besides'}.`,
    for: [
      ...uses.for, ...(byForwarding === 0 ? [read('No prefix of a forwarding device has it for its first address.')] : []),
      ...(names === '' ? [] : [read(`A walk over the open files of all processes found a socket that is a member: of ${names}.`)]),
    ],
    against: [
      ...(byForwarding > 0 && left <= 0 ? [read('Forwarding accounts for all users that the kernel counts.')] : []),
      ...(wasLookedFor && names === '' ? [read('A walk over the open files of all processes found no socket that is a member.')] : []),
    ],
    confirm: names === '' ? 'The kernel counts memberships and lists no holder: only a recording of the join names the program.' : 'A recording of the join; or end the program and see the route go.',
  };
};

function holdersOf({ route, surroundings }: Case, hexOf: (address: string) => string | undefined): readonly AnycastHolder['program'][] {
  const hex = hexOf(addressPart(route.dst));
  return (surroundings.anycastHolders ?? []).flatMap(({ address, ifindex, program }) => address === hex && ifindex === route.nexthops[0]?.ifindex ? [program] : []);
}
