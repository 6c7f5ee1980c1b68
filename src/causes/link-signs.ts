import { RTN } from '../model/route.ts';
import type { Trigger } from '../model/output.ts';
import { IFF } from '../model/rtnetlink.ts';
import { deviceStory, type DeviceStory } from './device-story.ts';
import { ipv6Story } from './ipv6-story.ts';
import type { LinkEvent } from './link-event.ts';
import { disabledTrigger } from './disable-ipv6.ts';
import { deviceIn, isClose } from './scene.ts';
import type { Scene, SignOf, Trace } from './sign.ts';

const TELL_APART: Readonly<Partial<Record<LinkEvent, string>>> = {
  'unregistered': 'ip netns list, and containers that ended at that moment',
  'netns-destroyed': 'whether the far end was in another namespace, and that one is gone',
  'disable-ipv6': 'sysctl net.ipv6.conf.DEV.disable_ipv6 now; duplicate address detection with accept_dad=2 would have left a line in the kernel\'s log',
};

/** The event of a device that the messages around a change point to. */
export function storyOf(scene: Scene): DeviceStory | undefined {
  const { route } = scene.change;
  if (scene.change.silent || route.family === 'ipv4' || route.protocol !== 2) return deviceStory(scene);
  const story = ipv6Story(scene);
  return story?.kind === 'device' ? story.story : undefined;
}

export function linkSign(scene: Scene, event: LinkEvent): Trace | undefined {
  // Anycast addresses come by forwarding, even where a device that was set up gave the occasion.
  if (scene.change.route.type === RTN.ANYCAST && scene.change.change !== 'delete') return undefined;
  const story = storyOf(scene);
  // The end of a namespace takes the far ends of its veths along: that is told like a removal.
  const isVeth = story?.event === 'unregistered' && event === 'netns-destroyed' && story.root?.link.infoKind === 'veth' && story.root.header.portid === 0;
  if (story === undefined || (story.event !== event && !isVeth)) return undefined;
  return {
    trigger: storyTrigger(scene, { ...story, event }), ...rootOf(story), seen: story.seen,
    ...(story.weak === undefined ? {} : { weak: story.weak }), tellApart: TELL_APART[event] ?? 'tracing shows the call itself',
  };
}

export const rootOf = ({ root, anchor }: DeviceStory): Pick<Trace, 'root'> => root !== undefined ? { root } : anchor === undefined ? {} : { root: anchor };

export function storyTrigger(scene: Scene, { event, ifindex, root, anchor }: DeviceStory): Trigger {
  const device = deviceIn(scene, ifindex);
  switch (event) {
    case 'unregistered': return { kind: 'device', ...removalOf(scene, root), ...device };
    case 'netns-destroyed': return { kind: 'namespace', event: 'destroyed' };
    case 'netns-moved': return { kind: 'namespace', event: 'moved', ...(device.dev === undefined ? {} : { dev: device.dev }) };
    case 'carrier': return carrierTrigger(scene, ifindex, root);
    case 'mtu': return { kind: 'link-state', ...device, ...(root?.link.mtu === undefined ? {} : { mtu: root.link.mtu }) };
    // A VRF that is removed lets its ports go first: whether they were released by themselves is not told.
    case 'master': return root !== undefined && isMasterGone(scene, root) ? { kind: 'unknown' } : { kind: 'link-state', ...device, master: root?.link.master === undefined || root.link.master === 0 || root.event !== 'master' ? 'none' : scene.names.device(root.link.master) ?? `ifindex ${root.link.master}` };
    case 'disable-ipv6': return disabledTrigger(scene, ifindex, anchor ?? scene);
    default: return { kind: 'link-state', ...device, ...(root === undefined ? {} : { state: (root.link.flags & IFF.UP) === 0 ? 'down' : 'up' }) };
  }
}

function isMasterGone({ book }: Scene, root: SignOf<'link'>): boolean {
  const end = root.event !== 'master' || root.before?.master === undefined ? undefined : book.after(root.at, 'link', sign => sign.ifindex === root.before?.master && sign.event === 'removed');
  return end !== undefined && isClose(end, root);
}

/** Devices that go with the program that has them open, unless they are removed before. */
const OWNED: readonly (string | undefined)[] = ['tun', 'ppp'];

/** A tun loses its carrier with its last owner, right before it goes (__tun_detach()); one that is removed has it until then. */
function removalOf({ book }: Scene, root: DeviceStory['root']): { readonly event?: 'removed' | 'owner-gone' } {
  if (root === undefined || !OWNED.includes(root.link.infoKind) || root.link.outlivesOwner === true) return { event: 'removed' };
  if (root.link.infoKind !== 'tun') return {};
  const closed = book.before(root.at, 'link', sign => sign.ifindex === root.ifindex && sign.event === 'closed');
  const first = closed !== undefined && isClose(closed, root) ? closed : root;
  if (first.link.carrier === true) return { event: 'removed' };
  return first.link.carrier === false && first.before?.carrier === true && root.link.outlivesOwner === false ? { event: 'owner-gone' } : {};
}

/** The carrier of a veth is the doing of whoever set up or down one of its ends: which one, and where, is told of this end only. */
export function carrierTrigger(scene: Scene, ifindex: number, root: DeviceStory['root']): Trigger {
  const device = deviceIn(scene, ifindex);
  if (root !== undefined && !root.event.startsWith('carrier')) return { kind: 'link-state', ...device, state: root.event === 'up' ? 'up' : 'down' };
  return scene.names.kind(ifindex) === 'veth' ? { kind: 'link-state', ...device } : { kind: 'link-state', ...device, state: root?.event === 'carrier-gained' ? 'carrier gained' : 'carrier lost' };
}
