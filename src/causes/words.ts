import type { Facts } from '../model/attribution.ts';
import type { Trigger } from '../model/output.ts';
import { addressPart } from '../netlink/prefix-text.ts';

/** The device of the change, by name, else by index. */
export function deviceOf(facts: Facts): string {
  const [leg, ...more] = facts.change.legs ?? facts.change.route.nexthops;
  if (more.length > 0) return 'one of its devices';
  const ifindex = leg?.ifindex;
  return ifindex === undefined ? 'no device' : facts.names.device(ifindex) ?? `ifindex ${ifindex}`;
}

/** "2001:db8::/128" -> "2001:db8::" */
export const addressOf = (facts: Facts): string => addressPart(facts.change.route.dst);

/** "net.ipv6.conf.all.forwarding 0 -> 1" */
const sysctlWords = (trigger: Extract<Trigger, { kind: 'sysctl' }>): string =>
  `${trigger.name}${trigger.oldValue === undefined ? '' : ` ${trigger.oldValue} ->`}${trigger.value === undefined ? '' : ` ${trigger.value}`}`;

/** What the trigger was, as the second half of "because ...". */
export function becauseOf(trigger: Trigger, actor: string): string {
  switch (trigger.kind) {
    case 'sysctl': return `${actor} wrote ${sysctlWords(trigger)}`;
    case 'address-change': return `${actor} ${trigger.event} ${trigger.address === undefined ? 'an address' : `address ${trigger.address}`}${trigger.dev === undefined ? '' : ` on ${trigger.dev}`}`;
    case 'link-state': return `${actor} ${linkWords(trigger)}`;
    case 'setsockopt': return trigger.option === 'close' ? `${actor} closed the last socket in the group` : `${actor} ${trigger.option === 'join' ? 'joined' : 'left'} the anycast group`;
    case 'netlink-request': return `${actor} asked for it (${trigger.request})`;
    case 'ioctl': return `${actor} asked for it by ioctl ${trigger.request}`;
    case 'device': return trigger.event === undefined ? `${trigger.dev ?? 'the device'} was removed, or let go of by the program that held it`
      : trigger.event === 'owner-gone' ? `${actor}, which held ${trigger.dev ?? 'the device'}, let it go or ended` : `${actor} ${trigger.event} ${trigger.dev ?? 'the device'}`;
    case 'namespace': {
      if (trigger.event === 'moved') return `${actor} moved ${trigger.dev ?? 'the device'} to another network namespace`;
      const ended = 'a network namespace was destroyed, and its devices with it';
      return /\[\d+\]$/.test(actor) ? `${ended}, when ${actor} let go of it as the last one` : ended;
    }
    case 'router-advertisement': return `${actor} sent a router advertisement${trigger.lifetime === undefined ? '' : ` with router lifetime ${trigger.lifetime} s`}`;
    case 'icmp-redirect': return `${actor} sent a redirect`;
    case 'icmp-too-big': return `${actor} reported that a packet was too big${trigger.mtu === undefined ? '' : ` for its next link (MTU ${trigger.mtu})`}`;
    case 'route-lifetime': return 'a lifetime was over';
    case 'address-lifetime': return `the lifetime of ${trigger.address ?? 'an address'} was over`;
    case 'nexthop-change': return `${actor} ${trigger.event} nexthop object ${trigger.id ?? ''}`;
    case 'unknown': return `an act of ${actor} that was not seen whole`;
  }
}

function linkWords(trigger: Extract<Trigger, { kind: 'link-state' }>): string {
  const dev = trigger.dev ?? 'a device';
  if (trigger.state !== undefined) return trigger.state.startsWith('carrier ') ? `saw ${dev} with its ${trigger.state}` : `set ${dev} ${trigger.state}`;
  if (trigger.master !== undefined) return trigger.master === 'none' ? `released ${dev} from its master` : `put ${dev} under ${trigger.master}`;
  if (trigger.mtu !== undefined) return `set the MTU of ${dev} to ${trigger.mtu}`;
  return `changed ${dev}`;
}
