import { baseName } from '../causes/cause.ts';
import type { Act, RouteException } from '../model/attribution.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { Actor, Evidence } from '../model/output.ts';
import { bootTime } from '../model/time.ts';
import { addressOf } from './exception-record.ts';
import type { Origin } from './acts.ts';

/** Where an exception came from: an ICMP message, or this host. Never the task that was interrupted for it. */
export interface Sender {
  readonly act: Act;
  readonly packet?: NonNullable<RouteException['packet']>;
  readonly sure: boolean;
  readonly evidence: readonly Evidence[];
}

/** Functions that work on the ICMP message; raw6_icmp_error is jumped to by icmpv6_notify, and called by nobody else. */
const HANDLERS: Readonly<Record<RouteException['event'], readonly string[]>> = {
  'redirect': ['icmp_redirect', 'rt6_do_redirect'],
  'path-mtu': ['icmp_unreach', 'icmpv6_notify', 'raw6_icmp_error'],
};
/** A packet is being sent: whatever is found out there is found out by this host. */
const SENDS = /^(__dev_queue_xmit|dev_hard_start_xmit|xmit_one|ip_local_out|__ip_local_out|ip6_local_out|ip_output|ip6_output|ip_tunnel_xmit|ip_md_tunnel_xmit|ip6_tnl_xmit|xfrm_output)/;
/** A TCP connection that was busy takes in what a message told it before. */
const LATER = ['tcp_v4_mtu_reduced', 'tcp_v6_mtu_reduced'];
const LATER_NS = 1_000_000_000n;
const ICMP_TYPE = { ipv4: { 'redirect': 5, 'path-mtu': 3 }, ipv6: { 'redirect': 137, 'path-mtu': 2 } } as const;

export function senderOf(record: ProbeObservation, change: RouteException, origin: Origin, isOwn: (address: string) => boolean): Sender {
  const frames = origin.frames?.map(baseName);
  const kernel = (kind: 'kernel' | 'unknown'): Act => ({ id: `${record.time}.${record.tid}`, time: record.time, where: origin.where, actor: { kind } });
  const unseen = { act: kernel('unknown'), sure: false };
  if (frames === undefined) {
    return { ...unseen, ...(change.event === 'redirect' ? { packet: {} } : {}), evidence: [{ kind: 'call', text: `${record.fn} was called; its kernel stack could not be read` }] };
  }
  const stack: Evidence = { kind: 'stack', text: `kernel stack of the very call of ${record.fn}, ${frames.length} frames` };
  const handler = frames.findIndex(frame => HANDLERS[change.event].includes(frame));
  const sending = frames.findIndex(frame => SENDS.test(frame));
  const packet = packetOf(record, change);

  if (handler >= 0 && (sending < 0 || sending > handler)) {
    const heard = { kind: 'call', text: `that call works on an ICMP message${packet?.source === undefined ? '' : ` whose source address is ${packet.source}`}` } as const;
    const actor: Actor = packet === undefined ? { kind: 'unknown' } : actorAt(packet.source, isOwn);
    return { act: actOf(record, actor, packet), packet: packet ?? {}, sure: actor.kind === 'router', evidence: [stack, heard] };
  }
  if (sending >= 0) return { act: kernel('kernel'), sure: false, evidence: [stack, { kind: 'call', text: 'that call sends a packet and works on no ICMP message' }] };
  if (!frames.some(frame => LATER.includes(frame))) return { ...unseen, evidence: [stack] };

  const isTheOne = packet !== undefined && packet.mtu === change.mtu && `${addressOf(record, 'quoted') ?? ''}/${change.family === 'ipv4' ? 32 : 128}` === change.dst
    && record.time - (record.fields.packettime ?? 0n) < LATER_NS;
  if (!isTheOne) return { ...unseen, packet: {}, evidence: [stack] };
  return {
    act: actOf(record, actorAt(packet.source, isOwn), packet), packet, sure: false,
    evidence: [stack, { kind: 'time', text: `the last ICMP message on this CPU, from ${packet.source ?? 'an address that was not read'}, told that MTU for that destination less than a second before` }],
  };
}

/** A message from an address of this host was made by this host. */
const actorAt = (source: string | undefined, isOwn: (address: string) => boolean): Actor =>
  source === undefined ? { kind: 'unknown' } : isOwn(source) ? { kind: 'kernel' } : { kind: 'router', address: source };

/** All that one message brings about has one origin. */
const actOf = (record: ProbeObservation, actor: Actor, packet: Sender['packet']): Act => packet === undefined || record.fields.packettime === undefined
  ? { id: `${record.time}.${record.tid}`, time: record.time, where: 'softirq', actor }
  : { id: `${record.fields.packettime}.icmp`, time: bootTime(record.fields.packettime), where: 'softirq', actor };

/** The ICMP error that was worked on last on the CPU of the record, if it is of the kind that makes such an exception. */
function packetOf(record: ProbeObservation, { event, family }: RouteException): Sender['packet'] {
  const { icmptype, packetmtu, packettime } = record.fields;
  if (packettime === undefined || packettime === 0n || icmptype !== ICMP_TYPE[family][event]) return undefined;
  const source = addressOf(record, 'src');
  return { ...(source === undefined ? {} : { source }), ...(event === 'redirect' || packetmtu === undefined ? {} : { mtu: packetmtu }) };
}
