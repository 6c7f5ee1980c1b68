import type { Route } from '../model/route.ts';
import type { NlHeader } from '../model/rtnetlink.ts';
import { carrierTrigger, storyOf, storyTrigger } from './link-signs.ts';
import { beginningOf } from './stacked.ts';
import { ifindexesOf, isClose } from './scene.ts';
import type { Scene, SignOf, Trace } from './sign.ts';

/** The object of the route, or a member of the group that it was then, as far as that was told. */
const isOf = ({ book }: Scene, nhid: number) => ({ nexthop, at }: SignOf<'nexthop'>): boolean =>
  nexthop.id === nhid || book.before(at, 'nexthop', ({ nexthop: { id } }) => id === nhid)?.nexthop.group?.some(({ id }) => id === nexthop.id) === true;

/** The message that is known to have changed the way of the route. */
const objectOf = ({ book, objectAt }: Scene, event: SignOf<'nexthop'>['event']): SignOf<'nexthop'> | undefined =>
  objectAt === undefined ? undefined : book.before(objectAt + 1, 'nexthop', sign => sign.at === objectAt && sign.event === event);

const isAnswered = (sign: { readonly header: NlHeader }, header: NlHeader): boolean => header.portid !== 0 && sign.header.portid === header.portid && sign.header.seq === header.seq;

/** The object of the route, or a member of its group: then its way is one of the route's. */
const leads = ({ nexthop: { id, group, gateway, ifindex } }: SignOf<'nexthop'>, { nhid, nexthops }: Route): boolean =>
  id === nhid || (group === undefined && nexthops.some(leg => leg.gateway === gateway && (ifindex === undefined || leg.ifindex === ifindex)));

/** All of the route but its way is what it was, and it was on the object and not told since: a program that numbers all its requests alike may have asked for the route itself. */
function isOnlyWay({ book, at, header, change: { route, replaced } }: Scene, root: SignOf<'nexthop'>): boolean {
  if (header === undefined || replaced === undefined || replaced.nhid !== route.nhid) return false;
  const isSame = (['type', 'protocol', 'metric', 'prefsrc', 'scope'] as const).every(name => replaced[name] === route[name]) && JSON.stringify(replaced.metrics ?? {}) === JSON.stringify(route.metrics ?? {});
  return isSame && book.after(root.at, 'on-object', sign => sign.at < at && isAnswered(sign, header) && sign.change.route.dst === route.dst && sign.change.route.table === route.table && sign.change.route.metric === route.metric) === undefined;
}

/** A group that loses a member is told as if it was replaced, in the answer to the request that removed the member (remove_nh_grp_entry()). */
const removalWith = ({ book }: Scene, root: SignOf<'nexthop'>): SignOf<'nexthop'> | undefined => {
  const isIt = (sign: SignOf<'nexthop'>): boolean => sign.event === 'removed' && isAnswered(sign, root.header) && isClose(sign, root);
  return root.nexthop.group === undefined ? undefined : book.before(root.at, 'nexthop', isIt) ?? book.after(root.at, 'nexthop', isIt);
};

/** Replacing an object tells the object first, then its routes, all with the number of the request. */
export function replacedSign(scene: Scene): Trace | undefined {
  const { change, header, book, at } = scene;
  const { nhid } = change.route;
  if (nhid === undefined || change.change === 'delete') return undefined;
  const root = header === undefined
    ? objectOf(scene, 'replaced') ?? book.after((scene.since ?? 0) - 1, 'nexthop', sign => sign.at < at && sign.event === 'replaced' && isOf(scene, nhid)(sign))
    : book.before(at, 'nexthop', sign => sign.event === 'replaced' && isAnswered(sign, header) && leads(sign, change.route));
  if (root === undefined || change.change !== 'replace' || removalWith(scene, root) !== undefined || (header !== undefined && !isOnlyWay(scene, root))) return undefined;
  return { trigger: { kind: 'nexthop-change', event: 'replaced', id: root.nexthop.id }, root, seen: 'the message about the nexthop object that the route names was sent for the same request', tellApart: 'a program that numbers all its requests alike may have replaced route and object one after the other' };
}

export function removedSign(scene: Scene): Trace | undefined {
  const { change, header, book, at } = scene;
  const { nhid } = change.replaced ?? change.route;
  if (nhid === undefined || (header?.portid ?? 0) !== 0) return undefined;
  if (change.change !== 'delete' && !change.silent) return undefined;
  // A group stays until its last member goes, and is told to be gone then.
  const isGone = (sign: SignOf<'nexthop'>): boolean => sign.event === 'removed' && sign.nexthop.id === nhid;
  const regrouped = change.silent ? objectOf(scene, 'replaced') : undefined;
  const root = change.silent ? objectOf(scene, 'removed') ?? (regrouped === undefined ? undefined : removalWith(scene, regrouped)) ?? book.after((scene.since ?? 0) - 1, 'nexthop', sign => sign.at < at && isGone(sign)) : book.before(at, 'nexthop', sign => isGone(sign) && isClose(sign, scene));
  if (root !== undefined) return { trigger: { kind: 'nexthop-change', event: 'removed', id: firstOf(scene, root).nexthop.id }, root, seen: 'the nexthop object of the route was removed', tellApart: 'a device that goes down at that moment takes the object along, too' };
  const story = storyOf(scene);
  if (story !== undefined) return { trigger: storyTrigger(scene, story), ...(story.root === undefined ? {} : { root: story.root }), seen: `${story.seen}; nexthop objects go with it, without a message`, tellApart: 'ip nexthop show, now' };
  return carrierSign(scene);
}

/** Of a group that ends with its last member, that member was removed. */
function firstOf({ book }: Scene, root: SignOf<'nexthop'>): SignOf<'nexthop'> {
  const same = book.before(root.at, 'nexthop', sign => sign.event === 'removed' && sign.header.portid === root.header.portid && sign.header.seq === root.header.seq && sign.header.portid !== 0);
  return same ?? root;
}

function carrierSign(scene: Scene): Trace | undefined {
  for (const ifindex of ifindexesOf(scene)) {
    const lost = scene.change.silent
      ? scene.book.after((scene.since ?? 0) - 1, 'link', sign => sign.at < scene.at && sign.ifindex === ifindex && sign.event === 'carrier-lost')
      : scene.book.after(scene.at, 'link', sign => sign.ifindex === ifindex && sign.event === 'carrier-lost' && isClose(sign, scene));
    const root = lost === undefined ? undefined : beginningOf(scene.book, lost);
    if (root !== undefined) return { trigger: carrierTrigger(scene, root.ifindex, root), root, seen: 'the device lost its carrier at that moment; nexthop objects go with it, without a message', tellApart: 'ip nexthop show, now' };
  }
  return undefined;
}
