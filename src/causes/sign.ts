import type { NameLookup, RouteChange } from '../model/attribution.ts';
import type { IcmpMessage } from '../model/icmp.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { Actor, Trigger } from '../model/output.ts';
import type { AddressMessage, LinkMessage, NexthopMessage, NlHeader, PrefixMessage, RuleMessage } from '../model/rtnetlink.ts';
import type { Route } from '../model/route.ts';
import type { BootTime } from '../model/time.ts';

/** `closed`: set down by the kernel because the device is about to go, to move, or because its lower one went down. */
export type LinkSignEvent = 'created' | 'up' | 'down' | 'closed' | 'carrier-gained' | 'carrier-lost' | 'mtu' | 'master' | 'removed' | 'moved';

interface At {
  /** Place among all messages of the namespace: the order in which one socket received them is the order in which they were sent. */
  readonly at: number;
  readonly time: BootTime;
  readonly header: NlHeader;
}

/** What one message says beyond what was known before it. One message may be several signs. */
export type Sign = At & (
  | { readonly kind: 'link'; readonly event: LinkSignEvent; readonly ifindex: number; readonly link: LinkMessage; readonly before?: LinkMessage }
  | { readonly kind: 'address'; readonly event: 'added' | 'removed' | 'changed' | 'settled' | 'duplicate'; readonly address: AddressMessage; readonly before?: AddressMessage; /** When that was told. */ readonly since?: BootTime }
  | { readonly kind: 'netconf'; readonly event: 'on' | 'off' | 'same' | 'gone'; readonly family: 'ipv4' | 'ipv6'; readonly ifindex: number; readonly value?: number }
  /** ignore_routes_with_linkdown was told to have changed. */
  | { readonly kind: 'linkdown'; readonly family: 'ipv4' | 'ipv6'; readonly ifindex: number }
  /** A program asked for a route on a nexthop object, or replaced the object. */
  | { readonly kind: 'on-object'; readonly change: RouteChange }
  | { readonly kind: 'nexthop'; readonly event: 'added' | 'replaced' | 'removed'; readonly nexthop: NexthopMessage }
  | { readonly kind: 'prefix'; readonly prefix: PrefixMessage }
  /** A packet was heard: whether the kernel acted upon it is another matter. */
  | { readonly kind: 'packet'; readonly packet: IcmpMessage }
  | { readonly kind: 'rule'; readonly rule: RuleMessage }
  | { readonly kind: 'route'; readonly change: RouteChange }
);
export type SignOf<Kind extends Sign['kind']> = Extract<Sign, { readonly kind: Kind }>;

/** All signs of one namespace that are remembered, and what they add up to. */
export interface SignBook {
  /** The nearest sign of this kind before a place, or behind it, that fits. */
  before<Kind extends Sign['kind']>(at: number, kind: Kind, fits: (sign: SignOf<Kind>) => boolean): SignOf<Kind> | undefined;
  after<Kind extends Sign['kind']>(at: number, kind: Kind, fits: (sign: SignOf<Kind>) => boolean): SignOf<Kind> | undefined;
  /** Addresses that a device, or any, had at that place. */
  addressesAt(at: number, ifindex?: number): readonly AddressMessage[];
  /** The device is set up, by what was told last. */
  isUp(ifindex: number): boolean;
  /** Forwarding of a device (-1 all, -2 default) at that place; undefined: not told. */
  forwardingAt(at: number, ifindex: number): boolean | undefined;
  /** Forwarding of any device at that place. */
  isForwarding(at: number): boolean;
  /** Of which devices, -1 and -2 among them, forwarding is known. */
  forwardingKnown(): readonly number[];
}

/** A change and the messages around it; what causes are matched against where nothing is traced. */
export interface Scene<Change = RouteChange> {
  readonly netns: NetnsRef;
  readonly change: Change;
  /** Place of its message; of a silent change: the first place after which it is known to have been gone. */
  readonly at: number;
  /** Of a silent change: the last place at which the route is known to have been there. */
  readonly since?: number;
  readonly time: BootTime;
  /** Of its message; undefined: it was silent. */
  readonly header?: NlHeader;
  /** The route as that message has it. */
  readonly told?: Route;
  /** Seconds that the route had left by what was told of it; negative: its time was over. */
  readonly secondsLeft?: number;
  /** Of a delete: the message by which a program had asked for the route. */
  readonly maker?: Pick<At, 'at' | 'time' | 'header'>;
  /** Of a route on a nexthop object: place of the message about the object (or a member of it) that changed its way. */
  readonly objectAt?: number;
  /** It is about flags of legs: the route itself stays. */
  readonly isOfFlags?: true;
  /** When the socket was empty last: what was received at `time` was sent after that. */
  readonly sentAfter: (time: BootTime) => BootTime;
  /** ICMP was listened to since then: what was not heard did not come. */
  readonly hears?: true;
  readonly book: SignBook;
  readonly names: NameLookup;
}

/** What a fingerprint found: likely at best. */
export interface Trace {
  readonly trigger: Trigger;
  /** The message of the root act: all changes with one root have one origin, and its port id names the requester. */
  readonly root?: Pick<At, 'at' | 'time' | 'header'>;
  /** Where no requester is meant. */
  readonly actor?: Actor;
  /** What was seen, in words. */
  readonly seen: string;
  /** Only so much points to it: other fingerprints that fit come first. */
  readonly weak?: true;
  /** What would tell it from others that leave the same messages. */
  readonly tellApart: string;
}

