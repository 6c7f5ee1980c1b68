import { execa } from 'execa';
import { LabError } from './error.ts';

export type Accelerator = 'kvm' | 'tcg';

/** A running QEMU, whose serial console is read. */
export type Machine = {
  readonly pid: number;
  /** Resolves once the console has shown the text. @throws LabError when QEMU ends before, or on abort. */
  waitForConsole(text: string, signal: AbortSignal): Promise<void>;
  /** The last part of the serial console, for error messages. */
  consoleTail(): string;
  /** Ends the process; the guest's disk is thrown away. */
  stop(): Promise<void>;
};

const consoleTailBytes = 16_384;

/** Options that do not depend on what is booted. */
export function qemuBasics(accelerator: Accelerator): readonly string[] {
  const processor =
    accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
  const bare = ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-monitor', 'none'];
  return ['-machine', 'q35', ...processor, ...bare, '-serial', 'stdio'];
}

/** Starts QEMU such that it cannot outlive the thread that called this. */
export function startQemu(options: readonly string[]): Machine {
  const child = execa('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...options], {
    reject: false,
    buffer: false,
    stdin: 'ignore',
    all: true,
    forceKillAfterDelay: 5000,
  });
  if (child.pid === undefined) throw new LabError('setpriv or qemu-system-x86_64 is missing', 'apt-get install qemu-system-x86 util-linux');
  let shown = '';
  const watchers = new Set<() => void>();
  child.all.on('data', (chunk: Buffer) => {
    shown = (shown + chunk.toString('latin1')).slice(-consoleTailBytes);
    for (const look of watchers) look();
  });

  return {
    pid: child.pid,
    consoleTail: () => shown,
    waitForConsole: (text, signal) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          watchers.delete(look);
          signal.removeEventListener('abort', stopWaiting);
        };
        const look = (): void => {
          if (!shown.includes(text)) return;
          settle();
          resolve();
        };
        const fail = (what: string): void => {
          settle();
          reject(new LabError(`${what} before "${text}". Its console ends with:\n${shown.slice(-4000)}`));
        };
        const stopWaiting = (): void => fail('The guest was stopped or ran out of time');
        watchers.add(look);
        signal.addEventListener('abort', stopWaiting);
        void child.then(() => fail('QEMU ended'));
        if (signal.aborted) stopWaiting();
        look();
      }),
    stop: async () => {
      child.kill('SIGTERM');
      await child;
    },
  };
}
