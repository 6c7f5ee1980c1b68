import type { Sink } from '../model/ports.ts';
import { createJsonLines } from '../report/json-lines.ts';
import { createPlain } from '../report/plain.ts';
import type { UiOptions } from '../ui/render.tsx';
import type { Ending } from './until.ts';

export interface ShowOptions {
  readonly json: boolean;
  /** Shown with the results: why a recording plays. */
  readonly notice?: string;
  readonly recordingFile?: string;
  /** How the screen asks the kernel; absent in a replay. */
  readonly onWhy?: UiOptions['onWhy'];
}

export interface Shown { readonly sink: Sink; readonly interactive: boolean }

/** The sink for this terminal or pipe; it ends the session when the person, or the reader of the pipe, has had enough. */
export async function openSink(options: ShowOptions, ending: Pick<Ending, 'quit' | 'interrupt'>): Promise<Shown> {
  const onQuit = ending.quit;
  const { env, stdin, stdout } = process;
  if (options.json) return { sink: createJsonLines(stdout, onQuit), interactive: false };
  if (!stdout.isTTY || !stdin.isTTY || env['TERM'] === 'dumb') {
    if (options.notice !== undefined) process.stderr.write(`${options.notice}\n`);
    return { sink: createPlain(stdout, { env, color: stdout.isTTY && env['TERM'] !== 'dumb' }, onQuit), interactive: false };
  }
  // Loaded only here: drawing needs ten times what a line of text needs to start.
  const { openUi } = await import('../ui/render.tsx');
  const ui = openUi({
    stdin, stdout, env, onQuit: isInterrupt => { if (isInterrupt) ending.interrupt(); else ending.quit(); },
    ...(options.notice === undefined ? {} : { notice: options.notice }),
    ...(options.recordingFile === undefined ? {} : { recordingFile: options.recordingFile }),
    ...(options.onWhy === undefined ? {} : { onWhy: options.onWhy }),
  });
  void ui.done.then(onQuit, onQuit);
  return { sink: ui, interactive: true };
}
