import type { Sign, SignBook, SignOf } from '../causes/sign.ts';
import type { RouteChange } from '../model/attribution.ts';
import type { IcmpMessage } from '../model/icmp.ts';
import { IFA_F, IFF, NLM_F, type AddressMessage, type LinkMessage, type NetconfMessage, type RtMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';

/** Keeps what the messages of one namespace said of devices, addresses and settings, and what each of them changed. */
export interface SignTracker {
  readonly book: SignBook;
  /** A notification: its place, and what it says that was not known. `change`: what came of a route message. */
  observe(message: RtMessage, time: BootTime, change?: RouteChange): number;
  /** A packet was heard: its place. */
  hear(packet: IcmpMessage, time: BootTime): number;
  /** The answer to a dump: what is, without anything having happened. */
  learn(message: RtMessage, time: BootTime): void;
  /** Messages were lost: what was seen before is no neighbour of what comes. */
  forget(): void;
  /** The place of the next message. */
  next(): number;
}

/** dev_close_many() and dev_open() tell both flags as changed, a request to set the device up or down only the first. */
const CLOSED = IFF.UP | IFF.RUNNING;
const KEPT = 8192;
/** A packet is no message of netlink, and nobody asked for it there. */
const NO_HEADER = { length: 0, type: 0, flags: 0, seq: 0, portid: 0 };

export function createSignTracker(): SignTracker {
  let signs: Sign[] = [];
  let place = 0;
  const links = new Map<number, LinkMessage>();
  const addresses = new Map<string, { readonly address: AddressMessage; readonly time: BootTime | undefined }>();
  const forwarding = new Map<number, number>();
  const nexthops = new Set<number>();

  type Bare = Sign extends infer S ? S extends Sign ? Omit<S, 'at' | 'time' | 'header'> : never : never;

  function ofLink(link: LinkMessage): Bare[] {
    const before = links.get(link.ifindex);
    // A message without a master says that there is none.
    const { master: _, ...rest } = before ?? {};
    const base = { kind: 'link' as const, ifindex: link.ifindex, link: { ...rest, ...link }, ...(before === undefined ? {} : { before }) };
    if (link.deleted) {
      links.delete(link.ifindex);
      return [{ ...base, event: link.movesNetns === true ? 'moved' : 'removed' }];
    }
    links.set(link.ifindex, { ...rest, ...link });
    if (before === undefined) return [{ ...base, event: 'created' }, ...((link.flags & IFF.UP) === 0 ? [] : [{ ...base, event: 'up' as const }])];
    const found: Bare[] = [];
    const flipped = before.flags ^ link.flags;
    if ((flipped & IFF.UP) !== 0) found.push({ ...base, event: (link.flags & IFF.UP) !== 0 ? 'up' : (link.change & CLOSED) === CLOSED ? 'closed' : 'down' });
    // Going down takes the carrier along: that is no event of its own.
    if ((flipped & IFF.LOWER_UP) !== 0 && (flipped & IFF.UP) === 0) found.push({ ...base, event: (link.flags & IFF.LOWER_UP) !== 0 ? 'carrier-gained' : 'carrier-lost' });
    else if (isReady(before) !== isReady(link) && (flipped & IFF.UP) === 0) found.push({ ...base, event: isReady(link) ? 'carrier-gained' : 'carrier-lost' });
    if (link.mtu !== undefined && before.mtu !== undefined && link.mtu !== before.mtu) found.push({ ...base, event: 'mtu' });
    if ((link.master ?? 0) !== (before.master ?? 0)) found.push({ ...base, event: 'master' });
    return found;
  }

  function ofAddress(address: AddressMessage, time: BootTime | undefined): Bare[] {
    const key = keyOf(address);
    const known = addresses.get(key);
    const before = known?.address;
    const base = { kind: 'address' as const, address, ...(before === undefined ? {} : { before }), ...(known?.time === undefined ? {} : { since: known.time }) };
    if (address.deleted) {
      addresses.delete(key);
      return [{ ...base, event: 'removed' }];
    }
    addresses.set(key, { address, time });
    if ((address.flags & IFA_F.DADFAILED) !== 0) return [{ ...base, event: 'duplicate' }];
    if (before === undefined) return [{ ...base, event: 'added' }];
    return [{ ...base, event: (before.flags & IFA_F.TENTATIVE) !== 0 && (address.flags & IFA_F.TENTATIVE) === 0 ? 'settled' : 'changed' }];
  }

  function ofNetconf({ family, ifindex, deleted, forwarding: isOn, ignoreRoutesWithLinkdown }: NetconfMessage): Bare[] {
    if (family === 'other') return [];
    if (!deleted && isOn === undefined && ignoreRoutesWithLinkdown !== undefined) return [{ kind: 'linkdown', family, ifindex }];
    const was = family === 'ipv6' ? forwarding.get(ifindex) : undefined;
    if (family === 'ipv6') { if (deleted || isOn === undefined) forwarding.delete(ifindex); else forwarding.set(ifindex, isOn); }
    const event = deleted ? 'gone' : was === undefined || isOn === undefined || (was !== 0) === (isOn !== 0) ? 'same' : isOn !== 0 ? 'on' : 'off';
    return [{ kind: 'netconf', event, family, ifindex, ...(isOn === undefined ? {} : { value: isOn }) }];
  }

  function signsOf(message: RtMessage, time: BootTime | undefined, change: RouteChange | undefined): Bare[] {
    switch (message.kind) {
      case 'link': return ofLink(message);
      case 'address': return ofAddress(message, time);
      case 'netconf': return ofNetconf(message);
      case 'nexthop': {
        const isKnown = nexthops.has(message.id);
        if (message.deleted) nexthops.delete(message.id); else nexthops.add(message.id);
        const event = message.deleted ? 'removed' : isKnown || (message.header.flags & NLM_F.REPLACE) !== 0 ? 'replaced' : 'added';
        return [{ kind: 'nexthop', event, nexthop: message }];
      }
      case 'prefix': return [{ kind: 'prefix', prefix: message }];
      case 'rule': return [{ kind: 'rule', rule: message }];
      case 'route':
        if (change === undefined) return [];
        return message.header.portid === 0 ? [{ kind: 'route', change }] : change.route.nhid === undefined ? [] : [{ kind: 'on-object', change }];
      default: return [];
    }
  }

  /** The index of the first sign at or after a place. */
  function indexOf(at: number): number {
    let [low, high] = [0, signs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((signs[middle]?.at ?? 0) < at) low = middle + 1; else high = middle;
    }
    return low;
  }

  const isKind = <Kind extends Sign['kind']>(sign: Sign, kind: Kind): sign is SignOf<Kind> => sign.kind === kind;

  function forwardingAt(at: number, ifindex: number): boolean | undefined {
    for (let i = indexOf(at); i < signs.length; i++) {
      const sign = signs[i];
      if (sign?.kind !== 'netconf' || sign.family !== 'ipv6' || sign.ifindex !== ifindex) continue;
      if (sign.event === 'on' || sign.event === 'off') return sign.event === 'off';
      break;
    }
    const value = forwarding.get(ifindex);
    return value === undefined ? undefined : value !== 0;
  }

  const book: SignBook = {
    before(at, kind, fits) {
      const from = indexOf(at);
      for (let i = from - 1; i >= 0; i--) {
        const sign = signs[i];
        if (sign !== undefined && isKind(sign, kind) && fits(sign)) return sign;
      }
      return undefined;
    },
    after(at, kind, fits) {
      for (let i = indexOf(at + 1); i < signs.length; i++) {
        const sign = signs[i];
        if (sign !== undefined && isKind(sign, kind) && fits(sign)) return sign;
      }
      return undefined;
    },
    addressesAt(at, ifindex) {
      const found = new Map([...addresses.values()].flatMap(({ address }) => ifindex === undefined || address.ifindex === ifindex ? [address] : []).map(address => [keyOf(address), address]));
      // From now back to then.
      for (let i = signs.length - 1; i >= 0; i--) {
        const sign = signs[i];
        if (sign === undefined || sign.at < at) break;
        if (sign.kind !== 'address' || (ifindex !== undefined && sign.address.ifindex !== ifindex)) continue;
        const key = keyOf(sign.address);
        if (sign.before === undefined) found.delete(key); else found.set(key, sign.before);
      }
      return [...found.values()];
    },
    isUp: ifindex => ((links.get(ifindex)?.flags ?? 0) & IFF.UP) !== 0,
    forwardingAt,
    forwardingKnown: () => [...forwarding.keys()],
    isForwarding: at => [...forwarding.keys()].some(ifindex => forwardingAt(at, ifindex) === true),
  };

  return {
    book,
    observe(message, time, change) {
      const at = place++;
      for (const bare of signsOf(message, time, change)) signs.push({ ...bare, at, time, header: message.header });
      if (signs.length > KEPT) signs = signs.slice(KEPT / 2);
      return at;
    },
    hear(packet, time) {
      const at = place++;
      signs.push({ kind: 'packet', packet, at, time, header: NO_HEADER });
      return at;
    },
    learn(message, time) { signsOf(message, time, undefined); },
    forget() { signs = []; },
    next: () => place,
  };
}

const keyOf = ({ ifindex, address, prefixLength }: AddressMessage): string => `${ifindex}|${address}/${prefixLength}`;

/** IF_OPER_UP, or unknown with a carrier, as addrconf_link_ready() and netif_oper_up() have it. */
const isReady = ({ flags }: LinkMessage): boolean => (flags & IFF.RUNNING) !== 0;
