/** What rtm_protocol claims about who made a route; above 4 the kernel itself gives it no meaning. Anyone may write any value. */
const OWNERS: Readonly<Record<number, string>> = {
  11: 'FRR\'s zebra', 12: 'BIRD', 16: 'a DHCP client', 18: 'keepalived', 42: 'babeld', 186: 'a BGP daemon (FRR)', 187: 'an IS-IS daemon (FRR)',
  188: 'an OSPF daemon (FRR)', 189: 'a RIP daemon (FRR)', 192: 'an EIGRP daemon (FRR)', 99: 'Open/R', 84: 'OVN',
};

/** How to make a change of such a route last, or keep it from coming back. */
export function protocolAdvice(protocol: number): readonly string[] {
  const owner = OWNERS[protocol];
  if (owner !== undefined) {
    return [`Protocol ${protocol} marks routes of ${owner}: change its configuration rather than the route, which it would put back.`];
  }
  if (protocol === 3) return ['Protocol boot is iproute2\'s default: somebody typed it, or a script did; it will not survive a reboot. Look at the parent process.'];
  if (protocol === 4) return ['Protocol static says an administrator or a network manager set it on purpose: look into the configuration of the program named here.'];
  return ['Look at the program and its parents above: that is where the route is configured.'];
}
