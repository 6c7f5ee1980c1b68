import { IFA_F, NETCONFA_IFINDEX } from '../model/rtnetlink.ts';
import { RTN, RTPROT } from '../model/route.ts';
import { confName } from '../model/sysctl.ts';
import type { Statement } from '../model/why.ts';
import { parseAddress } from '../netlink/parse-address.ts';
import { addressPart } from '../netlink/prefix-text.ts';
import { addressText, roleOf } from './address-routes.ts';
import { programText } from './advertisement.ts';
import { deviceOf, read, type AnycastUse, type Case, type Origin } from './origin.ts';

const isIpv6Anycast = ({ route }: Case): boolean => route.family === 'ipv6' && route.type === RTN.ANYCAST;
/** The kernel makes them with this protocol, metric 0 and one leg; anybody else may do so, too. */
const looksKernelMade = ({ route }: Case): boolean => route.protocol === RTPROT.KERNEL && route.metric === 0;

/** "1  eth0  20010db8000000000000000000000000  1" (net/ipv6/anycast.c ac6_seq_show()): index, device, address, users. */
export function parseAnycastUses(text: string): AnycastUse[] {
  return text.split('\n').flatMap(line => {
    const [, ifindex = '', hex = '', users = ''] = /^\s*(\d+)\s+\S+\s+([0-9a-f]{32})\s+(\d+)/.exec(line) ?? [];
    return hex === '' ? [] : [{ ifindex: Number(ifindex), address: hex, users: Number(users) }];
  });
}

/** Of the address of the route, on its device. */
function isOf({ route }: Case): (one: Pick<AnycastUse, 'ifindex' | 'address'>) => boolean {
  const value = parseAddress(addressPart(route.dst))?.value;
  return ({ ifindex, address }) => ifindex === route.nexthops[0]?.ifindex && BigInt(`0x${address}`) === value;
}

/** What /proc/net/anycast6 says for or against it that the kernel made the route. */
function usesWords(one: Case): { readonly for: readonly Statement[]; readonly against: readonly Statement[]; readonly users?: number } {
  if (one.surroundings.anycastUses === undefined) return { for: [], against: [] };
  const use = one.surroundings.anycastUses.find(isOf(one));
  if (use === undefined) return { for: [], against: [read('/proc/net/anycast6 does not list the address: the kernel itself did not make this route.')] };
  return { for: [read(`/proc/net/anycast6 counts ${use.users} ${use.users === 1 ? 'user' : 'users'} of the address on ${deviceOf(one)}.`)], against: [], users: use.users };
}

/** RFC 4291 section 2.6.1: a device that forwards answers to the first address of each of its prefixes. */
export function fromSubnetRouter(one: Case): Origin | undefined {
  if (!isIpv6Anycast(one)) return undefined;
  const { route, situation } = one;
  const owner = situation.addresses.find(address => roleOf(route, address, situation) === 'anycast' && (address.flags & IFA_F.TENTATIVE) === 0);
  const dev = deviceOf(one);
  const setting = confName('ipv6', dev, 'forwarding');
  const forwards = situation.forwarding.has(route.nexthops[0]?.ifindex ?? 0);
  const uses = usesWords(one);
  if (owner === undefined) return undefined;
  const isCounted = uses.against.length === 0;
  return {
    id: 'subnet-router-anycast', causeId: 'subnet-router-anycast',
    standing: forwards && isCounted && looksKernelMade(one) ? 'likely' : isCounted && looksKernelMade(one) ? 'possible' : 'unlikely',
    text: forwards ? `Subnet-router anycast of ${addressText(owner, situation)}, which forwards IPv6.`
      : `It would be the subnet-router anycast address of ${addressText(owner, situation)}, but ${dev} does not forward IPv6 now.`,
    for: [
      read(`${addressText(owner, situation)} has ${addressPart(route.dst)} as the first address of its prefix, which is shorter than /127.`),
      ...(forwards ? [read(`${setting} is 1${situation.forwarding.has(NETCONFA_IFINDEX.ALL) ? ', and so is that of all' : ''}.`)] : []), ...uses.for,
    ],
    against: [...(forwards ? [] : [read(`${setting} is 0: the kernel takes such a route away when forwarding is switched off.`)]), ...uses.against],
    confirm: 'A recording of the moment when it came; or switch forwarding off on the device and see it go.',
  };
}

/** IPV6_JOIN_ANYCAST: memberships are counted, and their holders are listed nowhere; a walk over all open files finds them. */
export function fromAnycastSocket(one: Case): Origin | undefined {
  if (!isIpv6Anycast(one)) return undefined;
  const uses = usesWords(one);
  const subnet = fromSubnetRouter(one);
  const byForwarding = subnet?.standing === 'likely' ? 1 : 0;
  if (uses.against.length > 0 || !looksKernelMade(one)) return undefined;
  const left = (uses.users ?? 0) - byForwarding;
  const { anycastHolders } = one.surroundings;
  const names = [...new Set(anycastHolders?.filter(isOf(one)).map(({ program }) => programText(program)))].join(', ');
  return {
    id: 'anycast-socket', causeId: 'anycast-socket', standing: byForwarding === 0 ? 'likely' : left > 0 ? 'possible' : 'unlikely',
    text: `${names === '' ? 'A program' : names} joined the anycast address with a socket (IPV6_JOIN_ANYCAST)${byForwarding === 0 ? '' : ', besides'}.`,
    for: [
      ...uses.for, ...(byForwarding === 0 ? [read('No prefix of a forwarding device has it for its first address.')] : []),
      ...(names === '' ? [] : [read(`A walk over the open files of all processes found a socket that is a member: of ${names}.`)]),
    ],
    against: [
      ...(byForwarding > 0 && left <= 0 ? [read('Forwarding accounts for all users that the kernel counts.')] : []),
      ...(anycastHolders !== undefined && names === '' ? [read('A walk over the open files of all processes found no socket that is a member.')] : []),
    ],
    confirm: names === '' ? 'The kernel counts memberships and lists no holder: only a recording of the join names the program.' : 'A recording of the join; or end the program and see the route go.',
  };
}

/** Whether it would help to know who holds memberships of anycast addresses: to find that out takes a while. */
export const mayBeHeld = (one: Case): boolean => ['likely', 'possible'].includes(fromAnycastSocket(one)?.standing ?? 'unlikely');
