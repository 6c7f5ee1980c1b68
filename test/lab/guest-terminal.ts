// SPDX-License-Identifier: MIT
import xterm from '@xterm/headless'
import type { TerminalSize } from '../../src/lab/command.ts'
import { must } from './guest.ts'
import type { Guest } from './guest.ts'

/** A command on a terminal of the guest, and what a person in front of it sees. */
export type GuestTerminal = {
  screen(): string
  /** All bytes that came so far. */
  bytes(): string
  /** Resolves once the screen holds the text. @throws Error with the screen when the command ends before, or in four minutes */
  until(seen: string | RegExp): Promise<void>
  press(keys: string): void
  resize(size: TerminalSize): Promise<void>
  /** Signals the routecause that runs there. */
  signal(name: 'INT' | 'TERM' | 'KILL'): Promise<void>
  /** Resolves with the exit code of routecause; `stty` tells how it left the terminal. */
  ended(): Promise<{ readonly exitCode: number; readonly stty: string; readonly isAlternate: boolean; readonly isCursorHidden: boolean }>
}

const limitMs = 930_000
let count = 0

/** Runs `routecause ARGUMENTS` in a terminal of the guest. */
export function openGuestTerminal(guest: Guest, commandLine: string, size: TerminalSize): GuestTerminal {
  const name = `terminal-${process.pid}-${count++}`
  const terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true })
  let isCursorHidden = false
  const cursor = (final: 'h' | 'l'): void => void terminal.parser.registerCsiHandler({ prefix: '?', final }, (parameters) => {
    if (parameters[0] === 25) isCursorHidden = final === 'l'
    return false
  })
  cursor('h')
  cursor('l')
  // The inner shell's process id stays routecause's; the outer one tells how it ended.
  const run = `cd /project; tty > /run/${name}.tty; stty -a > /run/${name}.before
(echo $BASHPID > /run/${name}.pid; exec env LANG=C.UTF-8 TERM=xterm-256color ${commandLine})
echo "exit code $?"; stty -a > /run/${name}.after; echo "that was all"`
  const { child } = guest.spawn(run, size)
  let bytes = ''
  let written = Promise.resolve()
  let hasEnded = false
  const looks = new Set<() => void>()
  const lookAll = (): void => { for (const look of looks) look() }
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.toString('utf8')
    written = new Promise(resolve => terminal.write(chunk, () => { lookAll(); resolve() }))
  })
  void child.then(async () => { await written; hasEnded = true; lookAll() })

  const screen = (): string => {
    const { active } = terminal.buffer
    return Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true, 0, terminal.cols).trimEnd() ?? '').join('\n')
  }
  const until = (seen: string | RegExp): Promise<void> => new Promise((resolve, reject) => {
    const timer = setTimeout(() => { settle(); reject(new Error(`not seen: ${String(seen)}; the screen:\n${screen()}`)) }, limitMs)
    const settle = (): void => { clearTimeout(timer); looks.delete(look) }
    const look = (): void => {
      const text = screen()
      if (typeof seen === 'string' ? text.includes(seen) : seen.test(text)) { settle(); resolve() }
      else if (hasEnded) { settle(); reject(new Error(`it ended without ${String(seen)}; the screen:\n${text}`)) }
    }
    looks.add(look)
    look()
  })
  return {
    screen, until,
    bytes: () => bytes,
    press: keys => void child.stdin.write(keys),
    resize: async ({ columns, rows }) => {
      terminal.resize(columns, rows)
      await must(guest, `stty -F $(cat /run/${name}.tty) cols ${columns} rows ${rows}`)
    },
    signal: async (signal) => { await must(guest, `kill -${signal} $(cat /run/${name}.pid)`) },
    ended: async () => {
      await until('that was all')
      await child
      const exitCode = Number(/exit code (\d+)/.exec(bytes)?.[1])
      // The first line holds the size, which may have been changed.
      const stty = await must(guest, `bash -c 'diff <(tail -n +2 /run/${name}.before) <(tail -n +2 /run/${name}.after) && echo as before; true'`)
      return { exitCode, stty: stty.trim(), isAlternate: terminal.buffer.active.type === 'alternate', isCursorHidden }
    },
  }
}
