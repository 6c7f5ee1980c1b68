import type { ProbeFile } from '../bpftrace/probe-file.ts';
import { compileScript, type Program } from './compile/script.ts';
import { ScriptError } from './script/tokens.ts';
import type { Kernel } from './compile/scope.ts';

/** Scripts, compiled for this kernel, and why others could not be. */
export interface Prepared { readonly programs: readonly Program[]; readonly refused: ReadonlyMap<string, string> }

export function prepareScripts(files: readonly Pick<ProbeFile, 'name' | 'body'>[], kernel: Kernel): Prepared {
  const refused = new Map<string, string>();
  const programs = files.flatMap(({ name, body }) => {
    try {
      return compileScript(name, body, kernel);
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      refused.set(name, error.message);
      return [];
    }
  });
  return { programs, refused };
}

/** Births of threads, for what the other scripts ask of the running one; not a record. */
export const BIRTHS = `
kprobe:wake_up_new_task
{
  $c = (struct task_struct *)arg0;
  printf("born %d %d %llu %s\\n", $c->pid, $c->tgid, $c->group_leader->start_boottime, $c->comm);
}`;
