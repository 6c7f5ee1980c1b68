import type { ProbeFields } from '../../src/model/fields.ts';
import { PACKET, SETLINK, SYSCTL, TIMER, CARRIER, WORKER } from '../causes/fragments.ts';
import { stack } from '../causes/path.ts';
import { LINK } from '../causes/requests.ts';
import { identity, NETNS, netnsFields, probe, stack as printed, task, type Task } from '../model/build.ts';
import { announce, asks, call, defer, known, kworker, leave, story, sysctlPath, type Story } from './build.ts';
import { addressBytes, addressOf } from './encode.ts';

/** Somebody, or something, that makes the kernel send the very same bytes as the others of its group. */
export interface Suspect {
  readonly what: string;
  readonly cause: string;
  /** As verdicts name it: "argv0[pid]", or what is no process. */
  readonly actor: string;
  readonly act: (ms: number, bytes: Uint8Array) => Story;
}
/** Whose thread it is, and how that has to be called. */
interface Place { readonly who: Task; readonly actor: string }
type Act = (who: Task, ms: number, bytes: Uint8Array) => Story;

let pids = 2000;
/** A program of its own for each suspect: whoever is named is named for one act only. */
function program(argv0: string): Place {
  pids += 1;
  return { who: task(pids, argv0, { startMs: 300 }), actor: `${argv0}[${pids}]` };
}
const victim = task(1990, 'victim', { startMs: 200 });
/** On top of a program that is not concerned. */
const SOFTIRQ: Place = { who: victim, actor: 'router' };
const INTERRUPTED = '__do_softirq < irq_exit_rcu < sysvec_apic_timer_interrupt < asm_sysvec_apic_timer_interrupt < vfs_write < do_syscall_64';
const KERNEL: Place = { who: kworker, actor: 'kernel' };

const suspect = (what: string, cause: string, { who, actor }: Place, act: Act): Suspect =>
  ({ what, cause, actor, act: (ms, bytes) => story(known(who, [who.comm]), act(who, ms, bytes)) });
const rooted = (fn: string, frames: string, fields: ProbeFields = {}): Act => (who, ms, bytes) =>
  story(call(who, ms, fn, fields), announce(who, ms + 0.02, bytes, stack(frames)), leave(who, ms + 0.1, fn));
const asking = (request: Uint8Array, frames: string): Act => (who, ms, bytes) =>
  story(asks(who, ms, who.pid, request), announce(who, ms + 0.02, bytes, stack(frames)), leave(who, ms + 0.1, 'rtnetlink_rcv_msg'));
const linkRequest = (name: keyof typeof LINK): Uint8Array => LINK[name].bytes ?? new Uint8Array();

export const byRequest = (what: string, cause: string, request: Uint8Array, frames: string): Suspect => suspect(what, cause, program('ip'), asking(request, frames));
export const byLink = (what: string, cause: string, name: keyof typeof LINK, frames: string): Suspect => byRequest(what, cause, linkRequest(name), frames);
export const byAddress = (what: string, cause: string, type: 20 | 21, text: string, frames: string): Suspect => byRequest(what, cause, addressBytes(type, text, 4), frames);
export const byCall = (what: string, cause: string, fn: string, frames: string, fields: ProbeFields = {}): Suspect => suspect(what, cause, program('caller'), rooted(fn, frames, fields));
export const bySysctl = (what: string, cause: string, name: string, frames: string): Suspect =>
  suspect(what, cause, program('sysctl'), rooted('proc_sys_call_handler', `${frames} < ${SYSCTL}`, sysctlPath('net', 'ipv6', 'conf', 'd4', name)));
export const byTimer = (what: string, cause: string, frames: string): Suspect =>
  // Nobody saw who had made the route and set its lifetime.
  suspect(what, cause, { ...SOFTIRQ, actor: 'unknown' }, (who, ms, bytes) => announce(who, ms, bytes, stack(frames, TIMER, INTERRUPTED)));
export const byWorker = (what: string, cause: string, fn: string, frames: string): Suspect => suspect(what, cause, KERNEL, rooted(fn, `${frames} < ${WORKER}`));

const packet = (icmptype: number): ProbeFields => ({ src: addressOf('fe80::1'), icmptype, lifetime: 0, ifindex: 4 });
export const byPacket = (what: string, cause: string, icmptype: number, frames: string): Suspect =>
  suspect(what, cause, SOFTIRQ, rooted('ndisc_rcv', `${frames} < ${PACKET} < ${INTERRUPTED}`, packet(icmptype)));

let objects = 0xffff_8880_0000_0000n;
const newObject = (): bigint => { objects += 0x1000n; return objects; };

/** The far end of a veth is set; what that does to the carrier of the near one is worked on later. */
export const byCarrier = (what: string, cause: string, fn: 'netif_carrier_on' | 'netif_carrier_off', frames: string): Suspect => suspect(what, cause, program('far'), (who, ms, bytes) => {
  const object = newObject();
  return story(asks(who, ms - 100, who.pid, linkRequest('up')), printed(ms - 99, who.cpu, object, stack(`${fn} < dev_change_flags`, SETLINK)),
    probe(who, ms - 99, 'defer', fn, { ...netnsFields(NETNS), ...identity(who), object, ifindex: 4, stack: object }), leave(who, ms - 98, 'rtnetlink_rcv_msg'),
    call(kworker, ms, 'linkwatch_do_dev', { object, ifindex: 4 }), announce(kworker, ms + 0.02, bytes, stack(frames, CARRIER)), leave(kworker, ms + 0.1, 'linkwatch_do_dev'));
});

/** What sets off detection: the call, the thread it is in, the stack on which the work is queued. */
export const QUEUES = {
  request: (queue: string, request: Uint8Array) => ({ place: program('ip'), queue, enter: (who: Task, ms: number) => asks(who, ms, who.pid, request), fn: 'rtnetlink_rcv_msg' }),
  link: (queue: string) => QUEUES.request(queue, linkRequest('up')),
  sysctl: (queue: string) => ({ place: program('sysctl'), queue: `${queue} < ${SYSCTL}`, enter: (who: Task, ms: number) => call(who, ms, 'proc_sys_call_handler', sysctlPath('net', 'ipv6', 'conf', 'd4', 'x')), fn: 'proc_sys_call_handler' }),
  packet: (queue: string) => ({ place: SOFTIRQ, queue: `${queue} < ${PACKET} < ${INTERRUPTED}`, enter: (who: Task, ms: number) => call(who, ms, 'ndisc_rcv', packet(134)), fn: 'ndisc_rcv' }),
  worker: (queue: string) => ({ place: KERNEL, queue: `${queue} < ${WORKER}`, enter: (who: Task, ms: number) => call(who, ms, 'addrconf_verify_work'), fn: 'addrconf_verify_work' }),
} as const;

/** Detection ends in a worker, a tenth of a second after it was queued. */
export const byDetection = (what: string, cause: string, { place, queue, enter, fn }: ReturnType<(typeof QUEUES)[keyof typeof QUEUES]>, frames: string): Suspect => suspect(what, cause, place, (who, ms, bytes) => {
  const object = newObject();
  return story(enter(who, ms - 100), defer(who, ms - 99, object, '2001:db8:1::1', 4, stack(queue)), leave(who, ms - 98, fn),
    call(kworker, ms, 'addrconf_dad_work', { object, ifindex: 4, addr: addressOf('2001:db8:1::1'), plen: 64 }), announce(kworker, ms + 0.02, bytes, stack(frames)), leave(kworker, ms + 0.1, 'addrconf_dad_work'));
});
