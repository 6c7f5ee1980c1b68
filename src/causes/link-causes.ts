import type { Facts } from '../model/attribution.ts';
import type { Reference, Trigger } from '../model/output.ts';
import { passed, type Cause } from './cause.ts';
import { linkEvent, NOTIFIERS, type LinkEvent } from './link-event.ts';
import { enabledSign } from './address-signs.ts';
import { linkSign } from './link-signs.ts';
import { linkdownSign } from './linkdown-ignored.ts';
import { removedSign } from './nexthop-signs.ts';
import type { Scene } from './sign.ts';
import { queuedByLinkEvent } from './queued.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf, deviceOf } from './words.ts';

interface LinkCause {
  readonly id: string; readonly title: string; readonly summary: string; readonly path: readonly string[];
  readonly event: LinkEvent;
  /** Only what came, or only what went; undefined: both. */
  readonly only?: 'gained' | 'lost';
  readonly references: readonly Reference[];
  readonly advice: readonly string[];
  readonly probes?: readonly string[];
}

const PROBES = ['fib_netdev_event', 'rtnl_notify', 'rtnetlink_rcv_msg', 'devinet_ioctl', 'dev_ioctl', 'fib_notify_alias_delete', 'fib_table_flush', 'fib6_purge_rt', 'mod_delayed_work_on', 'addrconf_dad_work'] as const;

/** All events of devices reach the FIBs through the same notifiers; what differs is the function that raised them. */
export function linkCause({ event, only, advice, probes, ...rest }: LinkCause): Cause {
  const isWanted = (facts: Facts): boolean => only === undefined || (only === 'lost') === (facts.change.change === 'delete');
  const isWantedIn = (scene: Scene): boolean => linkdownSign(scene) === undefined && (only === undefined || (only === 'lost') === (scene.change.change === 'delete')) && (scene.change.route.nhid === undefined || scene.isOfFlags === true || removedSign(scene) === undefined);
  return {
    ...rest,
    probes: [...PROBES, ...probes ?? []],
    // What nexthop objects hear takes the objects, and what the routes go with are those.
    signature: [...NOTIFIERS.filter(notifier => notifier !== 'nh_netdev_event'), 'addrconf_dad_work'],
    match(facts) {
      const happened = passed(facts, 'addrconf_dad_work') ? queuedByLinkEvent(facts) : linkEvent(facts);
      return happened === event && isWanted(facts) ? { trigger: linkTrigger(event, facts) } : undefined;
    },
    fingerprint: scene => isWantedIn(scene) ? linkSign(scene, event) ?? (event === 'disable-ipv6' ? enabledSign(scene) : undefined) : undefined,
    headline: (facts, trigger, actor) =>
      `${becauseOf(trigger, actor)}: route ${facts.change.route.dst} ${facts.change.change === 'delete' ? 'went' : 'came'} with ${deviceOf(facts)}${facts.change.silent ? ', without a message' : ''}`,
    // What it keeps in another form was not lost.
    advice: facts => facts.change.change === 'replace' ? [] : advice,
  };
}

/** The device that the FIB heard of within the call, if it was one; else that of a route with a single leg. */
function ifindexOf({ act, change }: Facts): number | undefined {
  const heard = new Set(act.call?.via.flatMap(({ fn, fields }) => fn === 'fib_netdev_event' && fields.netns === change.netns.inode && fields.ifindex !== undefined ? [fields.ifindex] : []));
  if (heard.size === 1) return [...heard][0];
  return change.route.nexthops.length === 1 ? change.route.nexthops[0]?.ifindex : undefined;
}

/** A file that a device hangs on is closed: by its owner, or because the owner ended (drivers/net/tun.c, tap.c). */
const LETS_GO = ['__fput', '____fput', 'tun_chr_close', 'tap_release'] as const;

/** Some devices change without anybody having asked the kernel by name: what happened is told by the event then. */
export function linkTrigger(event: LinkEvent, facts: Facts): Trigger {
  const trigger = triggerOf(facts);
  if (trigger.kind !== 'unknown') return trigger;
  const ifindex = ifindexOf(facts);
  const dev = ifindex === undefined ? undefined : facts.names.device(ifindex);
  const device = { ...(dev === undefined ? {} : { dev }), ...(ifindex === undefined ? {} : { ifindex }) };
  switch (event) {
    case 'unregistered': return { kind: 'device', event: passed(facts, ...LETS_GO) ? 'owner-gone' : 'removed', ...device };
    case 'netns-destroyed': return { kind: 'namespace', event: 'destroyed' };
    case 'netns-moved': return { kind: 'namespace', event: 'moved', ...(dev === undefined ? {} : { dev }) };
    case 'carrier': return { kind: 'link-state', ...device, state: facts.change.change === 'delete' ? 'carrier lost' : 'carrier gained' };
    default: return { kind: 'link-state', ...device };
  }
}
