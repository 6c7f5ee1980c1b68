import type { Act, Call, Facts } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { Actor } from '../model/output.ts';
import type { BootTime } from '../model/time.ts';
import type { ProcessTable } from '../processes/table.ts';
import { createAddressOrigins, endsLifetime } from './address-origins.ts';
import { createCallTracker } from './calls.ts';
import { createContexts } from './contexts.ts';
import type { Context } from './frames.ts';
import { createNamespaceEnds, DROPS, type NamespaceEnd } from './namespace-ends.ts';
import { createQueuedWork, doneIn } from './queued-work.ts';
import { routerOf } from './router.ts';

/** What a record of the kernel says of how it came to be. */
export interface Origin {
  readonly act: Act;
  readonly where: Facts['where'];
  readonly frames?: readonly string[];
  readonly deferral?: NonNullable<Facts['deferral']>;
}

/** Who is behind it, and by what, is known from the kernel itself. */
export const isCertain = ({ frames, act }: Origin): boolean => frames !== undefined && act.actor.kind !== 'unknown' && act.isMended !== true;

/** Turns the context of a record (its thread, its stack, the calls it is in) into the root act behind it. */
export interface ActResolver {
  observe(record: ProbeObservation): void;
  learnStack(cpu: number, id: bigint, frames: readonly string[]): void;
  originOf(record: ProbeObservation): Origin;
  /** From now on nothing is missed. */
  ready(): void;
  /** A namespace is heard from now on. */
  find(netns: NetnsRef, time: BootTime): void;
  /** Who let go of a namespace that is gone. */
  takeEnd(netns: NetnsRef): NamespaceEnd | undefined;
  /** After a loss nothing that was open or queued before `time` can be trusted to be so still. */
  forget(time: BootTime): void;
  /** The same, where only calls that let go of namespaces were missed. */
  forgetEnds(time: BootTime): void;
}

/** Work that the kernel does of its own accord: there, and only there, it is itself the actor. */
const OWN_ACCORD: ReadonlySet<string> = new Set(['check_lifetime', 'addrconf_verify_rtnl', 'addrconf_verify_work', 'cleanup_net']);
/**
 * Work that any task may find itself doing for others: sweeping expired routes, bringing link states up to date before
 * it reads them (from 6.12), taking in a packet that it wrote to a tunnel device. Its own request is not the cause.
 */
const FOR_OTHERS: ReadonlySet<string> = new Set([
  'fib6_run_gc', 'linkwatch_do_dev', 'linkwatch_sync_dev', 'linkwatch_event', 'ndisc_rcv', 'ndisc_router_discovery', 'ndisc_recv_na', 'ndisc_redirect_rcv',
]);
/** A carrier changes with the state of the device below, in work that is queued for the device itself. */
const CARRIERS: ReadonlySet<string> = new Set(['netif_carrier_on', 'netif_carrier_off']);
/** Bonds, teams and bridges look after their ports now and then: what they find there, somebody may have done. */
const OF_PORTS = /^(bond|team|br)_/;
/** Roots that only a program can enter, even where its thread looks like one of the kernel's (io_uring). */
const ENTERED_BY_PROGRAMS: ReadonlySet<string> = new Set([
  'rtnetlink_rcv_msg', 'proc_sys_call_handler', 'kernfs_fop_write_iter', 'ip_rt_ioctl', 'ipv6_route_ioctl', 'devinet_ioctl', 'dev_ioctl',
  'addrconf_add_ifaddr', 'addrconf_del_ifaddr', 'ipv6_sock_ac_join', 'ipv6_sock_ac_drop', '__ipv6_sock_ac_close',
]);

export function createActResolver(processes: ProcessTable): ActResolver {
  const calls = createCallTracker();
  const contexts = createContexts(calls);
  const work = createQueuedWork();
  const addresses = createAddressOrigins();
  const ends = createNamespaceEnds();
  let distrusted: BootTime | undefined;

  function actOf(record: ProbeObservation, where: Act['where'], call: Call | undefined, actor: Actor): Act {
    const time = call?.time ?? record.time;
    return { id: `${time}.${record.tid}`, time, where, actor, ...(call === undefined ? {} : { call }) };
  }

  function processAct(record: ProbeObservation, call: Call | undefined): Act {
    const { start = call?.fields.start, comm = call?.fields.comm } = record.fields;
    return actOf(record, 'task', call, processes.actor(record.pid, start, comm));
  }

  function originOf(record: ProbeObservation): Origin {
    const found = contexts.of(record);
    const origin = originIn(found?.context, record);
    if (found?.isMended !== true) return origin;
    // That nobody else is behind it, only a whole stack can tell.
    return { ...origin, act: { ...origin.act, isMended: true, ...(origin.act.actor.kind === 'kernel' ? { actor: { kind: 'unknown' } } : {}) } };
  }

  function originIn(context: Context | undefined, record: ProbeObservation): Origin {
    // Frames of a softirq are cut at its entry, so a call of the thread that was interrupted is never among them.
    const call = calls.current(record, context?.frames);
    const isEntered = context !== undefined && call !== undefined && ENTERED_BY_PROGRAMS.has(call.fn);
    const where = isEntered ? 'task' : context?.where ?? 'unknown';
    const found = { where, ...(context === undefined ? {} : { frames: context.frames }) };
    const queued = work.behind(call, context?.frames, CARRIERS.has(record.fn) ? record.fields : undefined);
    if (call !== undefined && queued !== undefined) return { ...found, act: queued.act, deferral: { ...queued.deferral, call } };
    const end = call?.fn === 'cleanup_net' ? ends.behind(call) : undefined;
    if (call !== undefined && end !== undefined) return { ...found, act: end.act, deferral: { fn: end.fn, object: end.object, queuedFrames: end.frames, call } };
    const router = call === undefined ? undefined : routerOf(call);
    if (router !== undefined) return { ...found, act: actOf(record, 'softirq', call, router) };
    if (context !== undefined && endsLifetime(context.frames)) {
      const makesNext = context.frames.some(frame => frame.startsWith('ipv6_create_tempaddr'));
      const owner = call === undefined || makesNext ? undefined : addresses.whoSet(call, context.frames);
      // Who set a lifetime may have been lost. The next temporary address is nobody's but the kernel's, as its stack says.
      const isKernels = makesNext || distrusted === undefined;
      // A request within which the kernel looked after its lifetimes did not ask for that.
      return { ...found, act: owner ?? actOf(record, where, call !== undefined && ENTERED_BY_PROGRAMS.has(call.fn) ? undefined : call, { kind: isKernels ? 'kernel' : 'unknown' }) };
    }
    if (context?.frames.some(frame => FOR_OTHERS.has(frame)) === true) return { ...found, act: actOf(record, where, undefined, { kind: 'unknown' }) };
    if (where === 'task') return { ...found, act: processAct(record, call) };
    const isOwnAccord = context?.frames.some(frame => OWN_ACCORD.has(frame)) === true;
    return { ...found, act: actOf(record, where, call, { kind: isOwnAccord ? 'kernel' : 'unknown' }) };
  }

  function queue(record: ProbeObservation, object: bigint): void {
    const origin = originOf(record);
    addresses.learn(record, origin.act);
    // Work that queues itself again is still the work of whoever queued it first.
    if (origin.deferral?.object === object && doneIn(origin.deferral.fn) === doneIn(record.fn)) return;
    // A carrier that changes in an interrupt or a worker of a driver was changed by nobody on this host, unless somebody had asked for that work.
    const isOfNobody = CARRIERS.has(record.fn) && origin.act.actor.kind === 'unknown'
      && origin.frames?.some(frame => frame === 'netdev_work_proc' || OF_PORTS.test(frame)) === false;
    const act: Act = isOfNobody ? { ...origin.act, actor: { kind: 'kernel' } } : origin.act;
    work.add(record, { act, deferral: { fn: record.fn, object, queuedFrames: origin.frames ?? [] } });
  }

  return {
    observe(record) {
      if (record.type === 'return') {
        const call = calls.current(record, [record.fn]);
        work.done(call);
        // What was refused set no lifetime.
        if (call?.request?.kind === 'address' && !call.request.deleted && record.fields.ret === 0) addresses.learnRequest(call, processAct(record, call));
      }
      if (record.type === 'return' && record.fn === 'cleanup_net') ends.leave(record.time);
      calls.observe(record);
      if (record.type === 'call') {
        if (record.fn === 'cleanup_net') ends.begin(record.time);
      } else if (DROPS.has(record.fn)) ends.drop(record, originOf(record));
      else if (record.type === 'via') contexts.enter(record);
      else if (record.type === 'defer' && record.fields.object !== undefined) queue(record, record.fields.object);
    },
    learnStack: (cpu, id, frames) => { contexts.learnStack(cpu, id, frames); },
    originOf,
    ready: () => { ends.ready(); },
    find: (netns, time) => { ends.find(netns, time); },
    takeEnd: netns => ends.take(netns),
    forgetEnds: time => { ends.forget(time); },
    forget(time) {
      calls.clear();
      contexts.clear();
      ends.forget(time);
      distrusted = time;
      work.distrust(time);
    },
  };
}
