import type { Btf } from '../../../btf/read.ts';
import { ScriptError } from '../script/tokens.ts';
import type { CType } from './c-type.ts';
import { fetchText, pointerOf, rebase, rootOf, type Fetch, type Origin } from './fetch.ts';
import type { Typed } from './typed.ts';
import type { Evaluate, Value } from './value.ts';

/** What the compiler knows of the kernel it compiles for. */
export interface Kernel {
  readonly btf: Btf;
  /** Address of a symbol; undefined: there is none, or it is hidden. */
  readonly address: (symbol: string) => bigint | undefined;
  /** `$1`, `$2`, ... */
  readonly given: readonly bigint[];
}

/** A store into a map, and what has to be read along with it for those who follow the stored pointer later. */
interface Writer { readonly scope: Scope; readonly origin: Origin; readonly delta: number; readonly extras: Evaluate[]; readonly known: Map<string, number> }

/** What the handlers of one script share. */
export interface Script {
  readonly kernel: Kernel; readonly writers: Map<string, Writer | 'several'>;
  /** Types of what maps hold, where it is no number. */
  readonly maps: Map<string, CType>;
}

/** State of compiling one handler. */
export interface Scope {
  readonly script: Script;
  /** Fetch arguments in order; only kprobes and return probes have any. */
  readonly fetches: Fetch[];
  readonly canFetch: boolean;
  variables: Map<string, Typed>;
  readonly locals: Map<string, number>;
  slots: number;
  wantsStack: boolean;
  /** Another handler of the script has a stack that says as much. */
  readonly stackless: boolean;
  /** Argument of the probed function that stands for the one of this number; undefined: none does. */
  readonly argument: (index: number) => number | undefined;
  /** The thread's task_struct and the cgroup's task, where a function has them as an argument. */
  readonly task: Origin | undefined;
  readonly cgroupTask: Origin | undefined;
  /** The function that the handler sits at the end of returns nothing. */
  readonly isVoid: boolean;
}

/** Index of the fetch argument, which it becomes if it is not one yet. @throws ScriptError */
export function fieldOf(scope: Scope, fetch: Fetch): number {
  const text = fetchText(fetch);
  if (text === undefined) throw new ScriptError('a chain of pointers is too long for a fetch argument');
  if (!scope.canFetch) throw new ScriptError('a tracepoint has no fetch arguments');
  const known = scope.fetches.findIndex(other => fetchText(other) === text);
  return known >= 0 ? known : scope.fetches.push(fetch) - 1;
}

/** Reads it at run time. What was read through something that is no address is nothing: the kernel left the field as it was. */
export function accessorOf(scope: Scope, fetch: Fetch): Evaluate {
  const root = rootOf(fetch.origin);
  if (root.kind === 'remembered') return remembered(scope, fetch, root);
  const pointer = pointerOf(fetch);
  const check = pointer && accessorOf(scope, pointer);
  const index = fieldOf(scope, fetch);
  if (check === undefined) return frame => frame.fields[index];
  const isAddress = fetch.origin.kind === 'memory' && fetch.origin.user ? isUserAddress : isKernelAddress;
  return frame => isAddress(check(frame)) ? frame.fields[index] : undefined;
}

/** Above the hole in the middle of 64 bits, with five levels of page tables too. */
const isKernelAddress = (value: Value): boolean => typeof value === 'bigint' && value >= 0xff00_0000_0000_0000n;
const isUserAddress = (value: Value): boolean => typeof value === 'bigint' && value >= 4096n && value < 0x0100_0000_0000_0000n;

function remembered(scope: Scope, fetch: Fetch, { map, slot }: Extract<Origin, { kind: 'remembered' }>): Evaluate {
  const writer = scope.script.writers.get(map);
  if (writer === undefined || writer === 'several') throw new ScriptError(`what ${map} points to is not known`);
  const text = fetchText(fetch) ?? '';
  let index = writer.known.get(text);
  if (index === undefined) {
    index = writer.extras.push(accessorOf(writer.scope, { ...fetch, origin: rebase(fetch.origin, writer.origin, writer.delta) })) - 1;
    writer.known.set(text, index);
  }
  const at = index;
  return frame => frame.entries[slot]?.extras[at];
}
