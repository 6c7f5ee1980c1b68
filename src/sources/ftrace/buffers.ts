import { readField, type EventFormat, type Field } from './event-format.ts';
import { readPage } from './ring.ts';
import type { Pipe } from './tracefs.ts';

/** One event of one CPU, with its stack once that came. */
export interface Event<Of> {
  readonly time: bigint; readonly cpu: number; readonly tid: number; readonly of: Of; readonly data: Uint8Array;
  stack: string | undefined;
}

/** What is known of a type of event. */
export interface Kind { readonly wantsStack: boolean }

export interface Buffers<Of> {
  /** Reads what all CPUs have. `until`: everything up to then is there. */
  read(now: bigint): { readonly events: readonly Event<Of>[]; readonly until: bigint; readonly more: boolean };
  close(): void;
}

/**
 * Pages of one CPU read in a row before others have a turn. What is read is worked on at once: on a slow machine an event takes a
 * millisecond, and of a tracer that says nothing for long it is thought that it has seen nothing.
 */
const PAGES = 16;
/** Rounds for which an event waits for its stack: it follows at once, unless it was lost. */
const ROUNDS = 3;

export interface Layout<Of extends Kind> { readonly pageBytes: number; readonly kinds: ReadonlyMap<number, Of>; readonly stack: EventFormat }

/**
 * The per-CPU buffers of an instance. Each is in order; a buffer that was read until it was empty, after `now`, has nothing older
 * than `now` to tell. What is written at this moment has had no consequence yet: its function has not gone on.
 */
export function createBuffers<Of extends Kind>(pipes: ReadonlyMap<number, Pipe>, { pageBytes, kinds, stack }: Layout<Of>): Buffers<Of> {
  const common = { type: 0, pid: 4 } as const;
  const frames = framesReader(stack);
  const waiting = new Map<number, { events: Event<Of>[]; rounds: number }>();
  let held: Event<Of>[] = [];

  function readCpu(cpu: number, pipe: Pipe): { readonly emptied: boolean } {
    const queue = waiting.get(cpu) ?? { events: [], rounds: 0 };
    waiting.set(cpu, queue);
    for (let pages = 0; pages < PAGES; pages++) {
      const bytes = new Uint8Array(pageBytes);
      const length = pipe.read(bytes);
      if (length <= 0) return { emptied: true };
      for (const { time, data } of readPage(bytes.subarray(0, length)).events) {
        if (data.length < 8) continue;
        const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
        const type = view.getUint16(common.type, true);
        if (type === stack.id) {
          const owner = queue.events.findLast(event => event.of.wantsStack && event.stack === undefined);
          if (owner !== undefined) owner.stack = frames(data);
          continue;
        }
        const of = kinds.get(type);
        if (of !== undefined) queue.events.push({ time, cpu, tid: view.getInt32(common.pid, true), of, data, stack: undefined });
      }
    }
    return { emptied: false };
  }

  return {
    read(now) {
      let until = now;
      let more = false;
      for (const [cpu, pipe] of pipes) {
        const { emptied } = readCpu(cpu, pipe);
        const queue = waiting.get(cpu);
        if (queue === undefined) continue;
        const { events } = queue;
        const last = events.at(-1);
        if (!emptied && last !== undefined) { more = true; if (last.time < until) until = last.time; }
        const incomplete = events.findIndex(event => event.of.wantsStack && event.stack === undefined);
        // Another event behind it does not mean that it lost its stack: an interrupt may have come in between.
        const stop = incomplete >= 0 && queue.rounds++ < ROUNDS ? incomplete : events.length;
        if (stop === events.length) queue.rounds = 0;
        const first = events[stop];
        if (first !== undefined && first.time <= until) until = first.time - 1n;
        held.push(...events.splice(0, stop));
      }
      const limit = until;
      const due = held.filter(event => event.time <= limit).sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
      held = held.filter(event => event.time > limit);
      return { events: due, until, more };
    },
    close: () => { for (const pipe of pipes.values()) pipe.close(); },
  };
}

/** Addresses in hexadecimal, innermost first. */
function framesReader({ fields }: EventFormat): (data: Uint8Array) => string {
  const size = fields.find(({ name }) => name === 'size') ?? { name: 'size', offset: 8, size: 4, signed: true, text: false, count: 1 } satisfies Field;
  const start = fields.find(({ name }) => name === 'caller')?.offset ?? 16;
  return data => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const count = Math.min(Number(readField(size, data) ?? 0n), Math.floor((data.length - start) / 8));
    const addresses: string[] = [];
    for (let i = 0; i < count; i++) {
      const address = view.getBigUint64(start + i * 8, true);
      if (address === 0xffff_ffff_ffff_ffffn) break;
      addresses.push(address.toString(16));
    }
    return addresses.join(' ');
  };
}
