import type { ReadStream, WriteStream } from 'node:tty';
import type { Instance } from 'ink';
import { RoutecauseError } from '../model/errors.ts';
import type { OutputRecord, SummaryOutput } from '../model/output.ts';
import type { Sink } from '../model/ports.ts';
import type { WhyAnswer } from '../model/why.ts';
import type { Environment } from '../report/environment.ts';
import { summarySentence } from '../report/sentences.ts';
import { actionForKey, type KeyName } from './keys.ts';
import { reduce } from './reduce.ts';
import { initialState, type Action, type Size } from './state.ts';
import { createTheme } from './theme.ts';
import type { WhyRequest, WhyResult } from './why.ts';

export interface UiOptions {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  /** q, ctrl-C, or a terminal that is gone. The session is expected to stop and then to `close()`. */
  readonly onQuit: (isInterrupt: boolean) => void;
  /** Asks the kernel why packets go where they go; absent: nobody can. */
  readonly onWhy?: (request: WhyRequest) => Promise<WhyAnswer>;
  /** Shown in the banner, e.g. why a recording plays instead of the live host. */
  readonly notice?: string;
  /** Shown in the banner of a replay. */
  readonly recordingFile?: string;
  /** Where locale, NO_COLOR and TERM are looked up. */
  readonly env: Environment;
}

/** A sink that draws. `done` settles once the terminal was given back: by `close()`, by a second q, or by a failure, with which it rejects. */
export type Ui = Sink & { readonly done: Promise<void> };

/** Ten frames a second: nobody reads faster, and the host has trouble already. */
const TICK_MS = 100;

/** Takes over the terminal until `close()`. The only caller of ink's render. */
export function openUi(options: UiOptions): Ui {
  const { stdout, onQuit } = options;
  let state = initialState({
    theme: createTheme(options.env), size: sizeOf(stdout),
    notice: options.notice, recordingFile: options.recordingFile,
  });
  let arrived: OutputRecord[] = [];
  let summary: SummaryOutput | undefined;
  let timer: NodeJS.Timeout | undefined;
  let view: View | undefined;
  let isLeaving = false;

  const dispatch = (action: Action): void => {
    try {
      const asked = state.why;
      state = reduce(state, action);
      view?.draw();
      if (state.why !== asked && state.why?.state.kind === 'asking') askWhy(state.why.number, state.why.state.request);
    } catch (error) {
      leave(error);
    }
  };
  /** The screen goes on meanwhile; an answer that comes when something else is asked, or nothing, is dropped. */
  const askWhy = (number: number, request: WhyRequest): void => {
    const tell = (result: WhyResult): void => { if (!isLeaving) dispatch({ kind: 'why-told', number, result }); };
    const { onWhy } = options;
    if (onWhy === undefined) { tell({ problem: 'nobody here can ask the kernel' }); return; }
    onWhy(request).then(answer => { tell({ answer }); }, (error: unknown) => {
      tell({ problem: error instanceof Error ? error.message : String(error), ...(error instanceof RoutecauseError ? { remedy: error.remedy } : {}) });
    });
  };
  const takeArrived = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const records = arrived;
    arrived = [];
    if (records.length > 0) dispatch({ kind: 'records', records });
  };
  const onKey = (name: KeyName): void => {
    const action = actionForKey(name, state);
    if (action === undefined) return;
    if (action.kind !== 'quit') { dispatch(action); return; }
    // A session that does not stop must not keep the terminal.
    if (state.isStopping) leave();
    dispatch(action);
    onQuit(name === 'ctrl-c');
  };
  const onResize = (): void => dispatch({ kind: 'resize', size: sizeOf(stdout) });
  const leave = (error?: unknown): void => {
    isLeaving = true;
    clearTimeout(timer);
    stdout.off('resize', onResize);
    view?.instance.unmount(error instanceof Error ? error : undefined);
  };
  const run = async (): Promise<void> => {
    try {
      const openView = await loadView();
      if (isLeaving) return;
      view = openView(options, () => ({ state, onKey }));
      await view.instance.waitUntilExit();
    } finally {
      leave();
    }
  };

  // Ahead of ink's own listener, so that the first frame after a resize has the new size.
  stdout.on('resize', onResize);
  // The line is gone: nothing to draw on, and no reason to crash.
  const onLostTerminal = (): void => { onQuit(false); };
  stdout.on('error', onLostTerminal);
  const done = run();
  done.catch(() => undefined);
  return {
    done,
    show(record) {
      if (record.kind === 'summary') summary = record;
      if (isLeaving) return;
      arrived.push(record);
      timer ??= setTimeout(takeArrived, TICK_MS);
    },
    async close() {
      takeArrived();
      leave();
      await done.catch(() => undefined);
      // The screen takes all it showed along; this stays in the scrollback.
      const text = summary === undefined ? '' : `${summarySentence(summary)}\n`;
      await new Promise<void>((resolve) => { stdout.write(text, () => { resolve(); }); });
      stdout.off('error', onLostTerminal);
    },
  };
}

interface View { readonly instance: Instance; draw(): void }

/**
 * React chooses its build when it is first imported, and the development one costs half as much again; imported here
 * and not above, so that no bundler moves the import before the choice.
 */
async function loadView() {
  const environment = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  const [{ render }, { createElement }, { App }] = await Promise.all([import('ink'), import('react'), import('./components/app.tsx')]);
  if (environment === undefined) delete process.env['NODE_ENV'];
  else process.env['NODE_ENV'] = environment;

  return ({ stdin, stdout }: UiOptions, props: () => Parameters<typeof App>[0]): View => {
    const instance = render(createElement(App, props()), {
      stdin, stdout, exitOnCtrlC: false, interactive: true, alternateScreen: true, incrementalRendering: true, maxFps: 60,
    });
    return { instance, draw: () => instance.rerender(createElement(App, props())) };
  };
}

const sizeOf = (stdout: WriteStream): Size => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
