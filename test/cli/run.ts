import { execa } from 'execa';
import { join } from 'node:path';
import { ROOT } from '../source-tree.ts';

export interface Ran { readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string }

/** Runs the command line as a user would, with no terminal and nothing on stdin. */
export async function routecause(args: readonly string[], options: { readonly uid?: number; readonly env?: Readonly<Record<string, string>> } = {}): Promise<Ran> {
  const { uid, env = {} } = options;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [join(ROOT, 'src/main.ts'), ...args], {
    reject: false, timeout: 15_000, stdin: 'ignore', env: { NO_COLOR: '1', HOME: '/tmp', ...env }, ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { exitCode, stdout, stderr };
}

/** "routecause: one sentence", "  remedy: what to do": the whole of what an error may say. */
export const SENTENCE_AND_REMEDY = /^routecause: [^\n]+\n {2}remedy: [^\n]+$/;
