import { RTPROT } from '../model/route.ts';
/**
 * Whose routes bear which rtm_protocol, the one place of these facts. The kernel itself gives numbers above 4 no meaning, and anyone may
 * write any value. Sources: include/uapi/linux/rtnetlink.h, etc/iproute2/rt_protos, FRR zebra/rt_netlink.h zebra2proto().
 */
const OWNERS: Readonly<Record<number, string>> = {
  8: 'GateD', 10: 'MRT', 11: 'FRR\'s zebra', 12: 'BIRD', 13: 'a DECnet routing daemon', 14: 'XORP', 15: 'Netsukuku', 16: 'a DHCP client',
  17: 'a multicast routing daemon', 18: 'keepalived', 42: 'babeld', 84: 'OVN', 99: 'Open/R',
  186: 'a BGP daemon (FRR)', 187: 'an IS-IS daemon (FRR)', 188: 'an OSPF daemon (FRR)', 189: 'a RIP daemon (FRR)', 190: 'a RIPng daemon (FRR)',
  191: 'an NHRP daemon (FRR)', 192: 'an EIGRP daemon (FRR)', 193: 'an LDP daemon (FRR)', 194: 'FRR\'s sharpd', 195: 'FRR\'s pbrd',
  196: 'FRR\'s staticd', 197: 'an OpenFabric daemon (FRR)', 198: 'FRR\'s pathd (segment routing policies)',
};

const CLAIMS: Readonly<Record<number, string>> = {
  2: 'the kernel made it, for an address or a device; user space may claim the same',
  3: 'somebody added it by hand, by a script or by ioctl',
  4: 'an administrator or a network manager added it',
  9: 'it came from a router advertisement',
};
const NAMES: Readonly<Record<number, string>> = { 2: 'kernel', 3: 'boot', 4: 'static', 9: 'ra' };

/** "BIRD"; undefined: nobody that is known. */
export const protocolOwner = (protocol: number): string | undefined => OWNERS[protocol];

/** What a route of this protocol claims of its origin, in half a sentence; undefined: nothing that is known. */
export const protocolClaim = (protocol: number): string | undefined => CLAIMS[protocol];

/** The claim as evidence for where a route came from: a claim, not proof. */
export function protocolEvidence(protocol: number): string {
  const claim = CLAIMS[protocol];
  return claim === undefined ? `protocol ${protocol}: the program that marks its routes so` : `protocol ${NAMES[protocol] ?? protocol}: ${claim}`;
}

/** How to make a change of such a route last, or keep it from coming back. */
export function protocolAdvice(protocol: number): readonly string[] {
  const owner = OWNERS[protocol];
  if (owner !== undefined) {
    return [`Protocol ${protocol} marks routes of ${owner}: change its configuration rather than the route, which it would put back.`];
  }
  if (protocol === RTPROT.BOOT) return ['Protocol boot is iproute2\'s default: somebody typed it, or a script did; it will not survive a reboot. Look at the parent process.'];
  if (protocol === RTPROT.STATIC) return ['Protocol static says an administrator or a network manager set it on purpose: look into the configuration of the program named here.'];
  return ['Look at the program and its parents above: that is where the route is configured.'];
}
