import type { Act, Call, Deferral, Facts } from '../model/attribution.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { Actor } from '../model/output.ts';
import type { ProcessTable } from '../processes/table.ts';
import { createCallTracker } from './calls.ts';
import { createAddressOrigins } from './address-origins.ts';
import { readFrames, withoutTracer, type Context } from './frames.ts';
import { routerOf } from './router.ts';

/** What a record of the kernel says of how it came to be. */
export interface Origin {
  readonly act: Act;
  readonly where: Facts['where'];
  readonly frames?: readonly string[];
  readonly deferral?: NonNullable<Facts['deferral']>;
}

/** Turns the context of a record (its thread, its stack, the calls it is in) into the root act behind it. */
export interface ActResolver {
  observe(record: ProbeObservation): void;
  learnStack(cpu: number, id: bigint, frames: readonly string[]): void;
  originOf(record: ProbeObservation): Origin;
  /** After a loss nothing that was open can be trusted to be open still. */
  forgetOpen(): void;
}

interface Queued { readonly act: Act; readonly deferral: Deferral }

const KERNEL: Actor = { kind: 'kernel' };
const MAX_STACKS = 20_000;

export function createActResolver(processes: ProcessTable): ActResolver {
  const calls = createCallTracker();
  const stacks = new Map<string, readonly string[]>();
  const queued = new Map<bigint, Queued>();
  const addresses = createAddressOrigins();

  function contextOf(record: ProbeObservation): Context | undefined {
    const { stack } = record.fields;
    const frames = stack === undefined ? undefined : stacks.get(`${record.cpu}/${stack}`);
    return frames === undefined || frames.length === 0 ? undefined : readFrames(frames);
  }

  function processAct(record: ProbeObservation, call: Call | undefined): Act {
    const { start = call?.fields.start, comm = call?.fields.comm } = record.fields;
    return {
      id: `${call?.time ?? record.time}.${record.tid}`, time: call?.time ?? record.time, where: 'task',
      actor: processes.actor(record.pid, start, comm), ...(call === undefined ? {} : { call }),
    };
  }

  const kernelAct = (record: ProbeObservation, where: Act['where'], call: Call | undefined): Act =>
    ({ id: `${call?.time ?? record.time}.${record.tid}`, time: call?.time ?? record.time, where, actor: KERNEL, ...(call === undefined ? {} : { call }) });

  function originOf(record: ProbeObservation): Origin {
    const context = contextOf(record);
    const where = context?.where ?? 'unknown';
    // Frames of a softirq are cut at its entry, so a call of the thread that was interrupted is never among them.
    const call = calls.current(record.tid, context?.frames);
    const found = { where, ...(context === undefined ? {} : { frames: context.frames }) };
    const work = call?.fields.object === undefined ? undefined : queued.get(call.fields.object);
    if (call !== undefined && work !== undefined) return { ...found, act: work.act, deferral: { ...work.deferral, call } };
    const router = call === undefined ? undefined : routerOf(call);
    if (router !== undefined) return { ...found, act: { ...kernelAct(record, 'softirq', call), actor: router } };
    const owner = call === undefined ? undefined : addresses.whoSet(call);
    if (owner !== undefined) return { ...found, act: owner };
    if (where === 'task' || (where === 'unknown' && call !== undefined && call.fields.object === undefined)) {
      return { ...found, act: processAct(record, call) };
    }
    return { ...found, act: kernelAct(record, where, call) };
  }

  return {
    observe(record) {
      calls.observe(record);
      if (record.type === 'call') {
        const call = calls.current(record.tid, [record.fn]);
        if (call?.request?.kind === 'address' && !call.request.deleted) addresses.learnRequest(call, processAct(record, call));
        return;
      }
      const { object } = record.fields;
      if (record.type !== 'defer' || object === undefined) return;
      const origin = originOf(record);
      addresses.learn(record, origin.act);
      // Work that queues itself again is still the work of whoever queued it first.
      if (origin.deferral?.object === object) return;
      queued.set(object, { act: origin.act, deferral: { fn: record.fn, object, queuedFrames: origin.frames ?? [] } });
    },
    learnStack(cpu, id, frames) {
      stacks.set(`${cpu}/${id}`, withoutTracer(frames));
      if (stacks.size > MAX_STACKS) stacks.delete(stacks.keys().next().value ?? '');
    },
    originOf,
    forgetOpen() { calls.clear(); },
  };
}
