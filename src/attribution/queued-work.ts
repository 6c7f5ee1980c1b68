import type { Act, Call, Deferral } from '../model/attribution.ts';
import type { ProbeFields } from '../model/fields.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import { addressIn } from './address-origins.ts';

export interface Queued { readonly act: Act; readonly deferral: Deferral }
interface Entry extends Queued { readonly time: BootTime; readonly address: string | undefined; readonly ifindex: number | undefined }

/** What was left to a worker, by the object that it is about. */
export interface QueuedWork {
  add(record: ProbeObservation, queued: Queued): void;
  /** The work that this call does; undefined: it was not seen being queued, or who did is not known. `about`: the record is about the object itself. */
  behind(call: Call | undefined, frames: readonly string[] | undefined, about?: ProbeFields): Queued | undefined;
  /** A call ended at `time`: what it did is done, the next work of its kind has a cause of its own. */
  done(call: Call | undefined): void;
  /** What was queued before is not trusted any more: other work may have followed on it unseen. */
  distrust(time: BootTime): void;
}

const DONE_IN: Readonly<Record<string, string>> = {
  mod_delayed_work_on: 'addrconf_dad_work', netif_carrier_on: 'linkwatch_do_dev', netif_carrier_off: 'linkwatch_do_dev', netdev_work_sched: 'netdev_work_proc',
};
/** The function of a worker that does what is queued here. */
export const doneIn = (fn: string): string => DONE_IN[fn] ?? fn;
/** Work of many objects in one call: the function that is told of each, and has to be in the stack. */
const EACH_IN: Readonly<Record<string, string>> = { netdev_work_proc: 'netif_change_flags' };
const MAX_QUEUED = 20_000;

export function createQueuedWork(): QueuedWork {
  const queued = new Map<string, Entry>();
  let distrusted: BootTime | undefined;
  const keyOf = (fn: string, object: bigint): string => `${fn}/${object}`;

  function fieldsOf(call: Call, frames: readonly string[] | undefined, about: ProbeFields | undefined): ProbeFields | undefined {
    const each = EACH_IN[call.fn];
    if (each === undefined) return call.fields;
    return frames?.includes(each) === true ? call.via.findLast(via => via.fn === each)?.fields : about;
  }

  return {
    add(record, { act, deferral }) {
      const fn = doneIn(record.fn);
      const key = keyOf(fn, deferral.object);
      const before = queued.get(key);
      // One run does what was queued by both, and does not say which of them it is at.
      const isContested = fn in EACH_IN && before !== undefined && before.act.id !== act.id;
      queued.delete(key);
      queued.set(key, {
        time: record.time, deferral, address: addressIn(record.fields), ifindex: record.fields.ifindex,
        act: isContested ? { id: `${record.time}.${record.tid}`, time: record.time, where: act.where, actor: { kind: 'unknown' } } : act,
      });
      if (queued.size > MAX_QUEUED) queued.delete(queued.keys().next().value ?? '');
    },
    behind(call, frames, about) {
      const fields = call === undefined ? undefined : fieldsOf(call, frames, about);
      if (call === undefined || fields?.object === undefined) return undefined;
      const work = queued.get(keyOf(call.fn, fields.object));
      // The object's memory may have come to hold another one since it was queued.
      const isSame = work !== undefined && (distrusted === undefined || work.time > distrusted) && work.ifindex === fields.ifindex && work.address === addressIn(fields);
      return isSame ? work : undefined;
    },
    done(call) {
      if (call === undefined) return;
      // Work of addresses queues itself again, and is still that of whoever queued it first.
      if (call.fn === 'linkwatch_do_dev' && call.fields.object !== undefined) queued.delete(keyOf(call.fn, call.fields.object));
      if (call.fn in EACH_IN) for (const [key, { time }] of queued) if (key.startsWith(`${call.fn}/`) && time < call.time) queued.delete(key);
    },
    distrust(time) { distrusted = time; },
  };
}
