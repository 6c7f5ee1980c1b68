import xterm from '@xterm/headless';
import { spawn } from '@lydell/node-pty';

export interface TerminalOptions { readonly columns: number; readonly rows: number; readonly env?: Readonly<Record<string, string>> }

/** A program in a real pseudo terminal, and what a person in front of it would see. */
export interface TestTerminal {
  screen(): string;
  /** Resolves once the screen holds what is asked for; the test's own timeout is the limit. */
  until(seen: string | RegExp | ((screen: string) => boolean)): Promise<void>;
  press(keys: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
  readonly title: string;
  readonly isAlternate: boolean;
  readonly isCursorHidden: boolean;
  readonly exit: Promise<{ readonly exitCode: number; readonly signal?: number | undefined }>;
  [Symbol.dispose](): void;
}

export function openTerminal(file: string, args: readonly string[], { columns, rows, env = {} }: TerminalOptions): TestTerminal {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  let title = '';
  let isCursorHidden = false;
  terminal.onTitleChange((text) => { title = text; });
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, (params) => { if (params[0] === 25) isCursorHidden = false; return false; });
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, (params) => { if (params[0] === 25) isCursorHidden = true; return false; });

  const { PATH = '', HOME = '' } = process.env;
  const pty = spawn(file, [...args], { cols: columns, rows, name: 'xterm-256color', env: { PATH, HOME, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env } });
  let written = Promise.resolve();
  pty.onData((data) => { written = new Promise((resolve) => { terminal.write(data, resolve); }); });
  const exit = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) => { pty.onExit((status) => void written.then(() => resolve(status))); });

  const screen = (): string => {
    const { active } = terminal.buffer;
    // Cells right of the width may hold what was there before a resize.
    const line = (row: number) => active.getLine(active.viewportY + row)?.translateToString(true, 0, terminal.cols).trimEnd() ?? '';
    return Array.from({ length: terminal.rows }, (_, row) => line(row)).join('\n');
  };
  return {
    screen,
    until(seen) {
      const isSeen = typeof seen === 'function' ? seen : (text: string) => (typeof seen === 'string' ? text.includes(seen) : seen.test(text));
      if (isSeen(screen())) return Promise.resolve();
      return new Promise((resolve) => {
        const listener = terminal.onWriteParsed(() => { if (isSeen(screen())) { listener.dispose(); resolve(); } });
      });
    },
    press: (keys) => pty.write(keys),
    resize(newColumns, newRows) { terminal.resize(newColumns, newRows); pty.resize(newColumns, newRows); },
    kill: (signal) => pty.kill(signal),
    get title() { return title; },
    get isAlternate() { return terminal.buffer.active.type === 'alternate'; },
    get isCursorHidden() { return isCursorHidden; },
    exit,
    [Symbol.dispose]() { try { pty.kill('SIGKILL'); } catch { /* it is gone already */ } terminal.dispose(); },
  };
}
