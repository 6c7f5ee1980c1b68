import type { IcmpMessage } from '../model/icmp.ts';
import type { BootTime } from '../model/time.ts';
import type { Scene, SignOf } from './sign.ts';

type Advertisement = Extract<IcmpMessage, { kind: 'advertisement' }>;
type Moment = { readonly at: number; readonly time: BootTime };
type Heard = SignOf<'packet'>;

/** From the packet to the message that follows from it the kernel takes less than this. */
const AT_ONCE_NS = 5_000_000n;

/**
 * Packets from which a message may follow: a packet is read before a message that follows from it (sources/icmp/listen.ts), and such a
 * message was sent no earlier than the socket was empty last. Received late, many may come into question.
 */
function heardBefore({ book, sentAfter }: Pick<Scene, 'book' | 'sentAfter'>, moment: Moment, fits: (packet: IcmpMessage) => boolean): readonly Heard[] {
  const from = sentAfter(moment.time) - AT_ONCE_NS;
  const found: Heard[] = [];
  for (let at = moment.at; ;) {
    const sign = book.before(at, 'packet', one => one.time < from || fits(one.packet));
    if (sign === undefined || sign.time < from) return found;
    found.push(sign);
    at = sign.at;
  }
}

export interface HeardAdvertisement { readonly from: string; readonly lifetime?: number; readonly root?: Heard }

/** Who sent the advertisement that says so; not known where several did. The lifetime, and which packet it was, only where they agree. */
export function heardAdvertisement(scene: Pick<Scene, 'book' | 'sentAfter'>, moment: Moment, fits: (packet: Advertisement) => boolean): HeardAdvertisement | undefined {
  const all = heardBefore(scene, moment, packet => packet.kind === 'advertisement' && fits(packet));
  const packets = all.map(({ packet }) => packet as Advertisement);
  const [first] = packets;
  if (first === undefined || packets.some(({ from }) => from !== first.from)) return undefined;
  return { from: first.from, ...(packets.every(one => one.lifetimeSec === first.lifetimeSec) ? { lifetime: first.lifetimeSec } : {}), ...(all.length === 1 && all[0] !== undefined ? { root: all[0] } : {}) };
}

/** What of neighbour discovery may have taken an advertised default route: its router says that it is none, or answers as a host. */
export interface Farewell { readonly advertisement?: Heard; readonly answer?: Heard }

/** undefined: nobody listened then, or what was heard may as well have taken the route another time. */
export function farewellTo(scene: Scene): Farewell | undefined {
  if (scene.hears !== true) return undefined;
  const isOfRouter = isFrom(scene);
  const heard = (fits: (packet: IcmpMessage) => boolean): readonly Heard[] => heardBefore(scene, scene, packet => isOfRouter(packet) && fits(packet)).filter(packet => mayPrecede(scene, packet, scene.at));
  const [advertisement] = heard(packet => packet.kind === 'advertisement' && packet.lifetimeSec === 0);
  const [answer] = heard(packet => packet.kind === 'neighbour' && !packet.isRouter);
  if ([advertisement, answer].some(packet => packet !== undefined && mayHaveTakenAnother(scene, packet))) return undefined;
  return { ...(advertisement === undefined ? {} : { advertisement }), ...(answer === undefined ? {} : { answer }) };
}

/** Sent by the gateway of the route, on its device. */
function isFrom({ change: { route: { nexthops: [leg] } } }: Scene): (packet: IcmpMessage) => boolean {
  return packet => packet.ifindex === leg?.ifindex && (packet.kind === 'advertisement' ? packet.from : packet.kind === 'neighbour' ? packet.target : undefined) === leg.gateway;
}

const isSameRoute = ({ change: { route } }: Scene) => ({ change }: SignOf<'route'>): boolean => change.route.dst === route.dst && change.route.table === route.table
  && change.route.nexthops[0]?.gateway === route.nexthops[0]?.gateway && change.route.nexthops[0]?.ifindex === route.nexthops[0]?.ifindex;

/** Packets of one router are worked on in order: what came before the packet that brought the route again was over by then. */
function mayPrecede(scene: Scene, packet: Heard, at: number): boolean {
  const isSame = isSameRoute(scene);
  const isOfRouter = isFrom(scene);
  const again = scene.book.before(at, 'route', sign => isSame(sign) && sign.change.change !== 'delete');
  if (again === undefined || again.at < packet.at) return true;
  const bringers = heardBefore(scene, again, one => one.kind === 'advertisement' && isOfRouter(one) && one.lifetimeSec > 0);
  return bringers.length === 0 || bringers.some(bringer => bringer.at < packet.at);
}

function mayHaveTakenAnother(scene: Scene, packet: Heard): boolean {
  const isSame = isSameRoute(scene);
  for (let at = packet.at; ;) {
    const other = scene.book.after(at, 'route', sign => isSame(sign) && sign.change.change === 'delete');
    if (other === undefined || scene.sentAfter(other.time) - AT_ONCE_NS > packet.time) return false;
    if (other.at !== scene.at && mayPrecede(scene, packet, other.at)) return true;
    at = other.at;
  }
}
