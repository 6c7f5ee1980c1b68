import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Program } from './compile/script.ts';
import type { EventFormat } from './event-format.ts';
import type { Instance, Placed } from './instance.ts';

/** Events that are enabled, and the scripts that the kernel refused, with what it said. */
export interface Arming { readonly formats: ReadonlyMap<Program, EventFormat>; readonly refused: ReadonlyMap<string, string> }

/**
 * Puts programs on their functions and enables them. A kernel may refuse one that it lists: a function that is on its blacklist, was
 * put into another section, or begins with something that cannot be moved. Then nothing of that script stays: half of one would tell
 * what the other half has to take back.
 */
export async function armPrograms(instance: Pick<Instance, 'add' | 'addTracepoint'>, programs: readonly Program[]): Promise<Arming> {
  const placed = new Map<Program, Placed>();
  const refused = new Map<string, string>();
  const refuse = ({ script, probe, target }: Program, error: unknown): void => {
    refused.set(script, `${probe === 'tracepoint' ? probe : 'kprobe'}:${target} (refused: ${codeOf(error)})`);
    for (const [program, event] of placed) {
      if (program.script !== script) continue;
      event.drop();
      placed.delete(program);
    }
  };
  /*
   * Return probes first. Of several probes on one function the last that was enabled, be it by a trigger, runs first (kernel/kprobes.c, add_new_kprobe()): before
   * Linux 5.16 what comes after a return probe has replaced the address of the caller no longer sees the caller.
   */
  const [returns, others] = [programs.filter(({ probe }) => probe === 'kretprobe'), programs.filter(({ probe }) => probe !== 'kretprobe')];
  // All are placed before they are enabled: that is much the quicker way.
  for (const [act, ones] of [['place', returns], ['enable', returns], ['place', others], ['enable', others]] as const) {
    for (const program of ones) {
      if (program.probe === 'interval' || refused.has(program.script)) continue;
      try {
        if (act === 'enable') placed.get(program)?.enable();
        else placed.set(program, program.probe === 'tracepoint' ? instance.addTracepoint(program.target) : instance.add(program));
      } catch (error) {
        refuse(program, error);
      }
      // Whoever waits for something else gets a turn.
      await nextTurn();
    }
  }
  return { refused, formats: new Map([...placed].map(([program, { format }]) => [program, format])) };
}

const codeOf = (error: unknown): string => error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : error instanceof Error ? error.message : String(error);
