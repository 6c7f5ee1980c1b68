import { execa } from 'execa';
import { LabError } from './error.ts';
import type { LabImage } from './image.ts';

/** One authenticated connection, over which any number of commands run. */
export type Connection = {
  /** Arguments of `ssh` up to and including the destination. */
  readonly sshArguments: readonly string[];
  close(): Promise<void>;
};

export type ConnectOptions = {
  readonly image: LabImage;
  readonly port: number;
  /** Socket of the shared connection; at most about 100 characters. */
  readonly controlPath: string;
  /** Ends the attempt; an open connection is not touched. */
  readonly signal: AbortSignal;
};

/** Opens the shared connection. @throws LabError when the guest refuses or the signal aborts. */
export async function connect({ image, port, controlPath, signal }: ConnectOptions): Promise<Connection> {
  const sshArguments = [
    '-F', 'none', '-i', image.privateKey, '-p', String(port), '-S', controlPath,
    ...Object.entries({
      UserKnownHostsFile: image.knownHosts,
      HostKeyAlias: 'routecause-lab',
      BatchMode: 'yes',
      IdentitiesOnly: 'yes',
      LogLevel: 'ERROR',
      EscapeChar: 'none',
      KexAlgorithms: 'curve25519-sha256',
    }).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    'root@127.0.0.1',
  ];
  // The master lives as long as its own command, which reads until the pipe to it is closed.
  const master = execa('setpriv', ['--pdeathsig', 'KILL', 'ssh', '-M', ...sshArguments, 'echo connected; exec cat'], {
    reject: false,
    stdin: 'pipe',
    forceKillAfterDelay: 2000,
  });
  const onAbort = (): void => void master.kill('SIGTERM');
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  const greeting = await Promise.race([once(master.stdout), master]);
  signal.removeEventListener('abort', onAbort);
  if (greeting !== 'data') throw new LabError(`ssh did not connect: ${greeting.stderr || greeting.shortMessage}`);
  return {
    sshArguments,
    close: async () => {
      master.kill('SIGTERM');
      await master;
    },
  };
}

function once(stream: NodeJS.ReadableStream): Promise<'data'> {
  return new Promise((resolve) => stream.once('data', () => resolve('data')));
}
