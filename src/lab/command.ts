import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import { LabError } from './error.ts';

export type TerminalSize = { readonly columns: number; readonly rows: number };

export type RunOptions = {
  /** @default 60_000 */
  readonly timeoutMs?: number;
  readonly stdin?: string | Uint8Array;
  /** Gives the command a terminal of this size; its stderr is then part of stdout. */
  readonly tty?: TerminalSize;
  readonly signal?: AbortSignal;
};

export type CommandResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

export type GuestProcess = {
  /** The local end: streams, and a promise that resolves when the command has ended. */
  readonly child: ReturnType<typeof startSsh>;
  /** Signals the command and all processes of its session's process group in the guest. */
  signal(name: 'INT' | 'TERM' | 'KILL'): Promise<void>;
};

/** Starts a shell command in the guest. Killing `child` alone would leave the command running there: use `signal`. */
export function spawnInGuest(sshArguments: readonly string[], command: string, tty?: TerminalSize): GuestProcess {
  const pidFile = `/run/lab-${randomUUID()}`;
  // ssh without a terminal of its own asks for one that has no settings at all.
  const size = tty ? `stty sane cols ${tty.columns} rows ${tty.rows}\n` : '';
  // sshd starts each command in a session of its own, so the shell's pid is its process group.
  const child = startSsh([tty ? '-tt' : '-T', ...sshArguments, `echo $$ > ${pidFile}\n${size}${command}`]);
  return {
    child,
    signal: async (name) => {
      await execa('ssh', [...sshArguments, `kill -${name} -- -$(cat ${pidFile})`], { reject: false, timeout: 10_000 });
    },
  };
}

function startSsh(sshArguments: readonly string[]) {
  return execa('ssh', sshArguments, {
    reject: false,
    stdin: 'pipe',
    forceKillAfterDelay: 2000,
    stripFinalNewline: false,
  });
}

/** Runs a shell command to its end. @throws LabError when it takes longer than `timeoutMs`, or on abort. */
export async function runInGuest(
  sshArguments: readonly string[],
  command: string,
  { timeoutMs = 60_000, stdin, tty, signal }: RunOptions = {},
): Promise<CommandResult> {
  const guestProcess = spawnInGuest(sshArguments, command, tty);
  const { child } = guestProcess;
  if (stdin !== undefined || !tty) child.stdin.end(stdin);

  let reason: string | undefined;
  const giveUp = async (why: string): Promise<void> => {
    reason = why;
    await guestProcess.signal('KILL');
    child.kill('SIGTERM');
  };
  const timer = setTimeout(() => void giveUp(`took longer than ${timeoutMs} ms`), timeoutMs);
  const onAbort = (): void => void giveUp('was aborted');
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  const result = await child.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });

  // ssh ends with 255 when the connection is lost, but so may a command.
  if (result.exitCode === 255 && !(await isConnected(sshArguments))) reason ??= 'lost its connection';
  if (reason !== undefined || result.exitCode === undefined) {
    const shown = `stdout: ${result.stdout.slice(-1000)}\nstderr: ${result.stderr.slice(-1000)}`;
    throw new LabError(`\`${command}\` in the guest ${reason ?? 'was killed on the host'}\n${shown}`);
  }
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

async function isConnected(sshArguments: readonly string[]): Promise<boolean> {
  const check = await execa('ssh', ['-O', 'check', ...sshArguments], { reject: false, timeout: 10_000 });
  return !check.failed;
}
