import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAccelerator } from './accelerator.ts';
import { runInGuest, spawnInGuest } from './command.ts';
import type { CommandResult, GuestProcess, RunOptions, TerminalSize } from './command.ts';
import { freePort } from './free-port.ts';
import { findImage } from './image.ts';
import type { LabImage } from './image.ts';
import { qemuBasics, startQemu } from './qemu.ts';
import type { Accelerator } from './qemu.ts';
import { connect } from './ssh.ts';

export type BootOptions = {
  /** Folder with build-image.sh. */
  readonly recipe: string;
  /** Host folder seen read-only at /project. */
  readonly share: string;
  /** Host folder seen writable at /results. @default a temporary one, removed at power-off */
  readonly results?: string;
  /** Stops the boot, and later powers the guest off. */
  readonly signal?: AbortSignal;
  /** Debian suite. @default 'bookworm' */
  readonly suite?: string;
  /** @default 2 */
  readonly cpus?: number;
  /** @default 2048 */
  readonly memoryMb?: number;
  /** Cables to other guests, which become eth1, eth2, ... @default none */
  readonly cables?: readonly Cable[];
  /** Added to the kernel command line. */
  readonly kernelAppend?: string;
  /** From power-on to the first connection, without building an image. @default 120_000 */
  readonly bootLimitMs?: number;
};

/** One end of a cable between two guests: a socket on this machine, of which one end waits and has to be there first. */
export type Cable = { readonly path: string; readonly end: 'waits' | 'calls'; readonly mac: string };

/** A booted guest. Its disk is thrown away at power-off. */
export type Vm = AsyncDisposable & {
  readonly accelerator: Accelerator;
  /** From power-on to the open connection. */
  readonly bootMs: number;
  /** Host folder behind the guest's /results. */
  readonly results: string;
  /** For a person's own `ssh`. */
  readonly sshArguments: readonly string[];
  run(command: string, options?: RunOptions): Promise<CommandResult>;
  spawn(command: string, tty?: TerminalSize): GuestProcess;
  /** Copies a file or folder of the guest to the host. */
  copyOut(guestPath: string, hostPath: string): Promise<void>;
  powerOff(): Promise<void>;
};

/** Boots a throw-away guest. @throws LabError with the end of the serial console when it does not come up in time. */
export async function bootVm(options: BootOptions): Promise<Vm> {
  const image = await findImage(options.recipe, options.suite, options.signal);
  const accelerator = await findAccelerator(image);
  const scratch = await mkdtemp(join(tmpdir(), 'lab-'));
  const results = options.results ?? (await mkdtemp(join(scratch, 'results-')));
  const limit = AbortSignal.timeout(options.bootLimitMs ?? 120_000);
  const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit;

  const port = await freePort();
  const startedAt = performance.now();
  const machine = startQemu([...qemuBasics(accelerator), ...guestOptions(image, options, { results, port })]);
  const discard = async (): Promise<void> => {
    await machine.stop();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    await machine.waitForConsole('lab-ready', signal);
    const connection = await connect({ image, port, controlPath: join(scratch, 'ssh'), signal });
    const { sshArguments } = connection;
    let poweredOff: Promise<void> | undefined;
    const powerOff = (): Promise<void> => (poweredOff ??= connection.close().then(discard));
    options.signal?.addEventListener('abort', () => void powerOff());
    return {
      accelerator,
      bootMs: Math.round(performance.now() - startedAt),
      results,
      sshArguments,
      run: (command, runOptions) => runInGuest(sshArguments, command, runOptions),
      spawn: (command, tty) => spawnInGuest(sshArguments, command, tty),
      copyOut: (guestPath, hostPath) => copyOut({ sshArguments, results }, guestPath, hostPath),
      powerOff,
      [Symbol.asyncDispose]: powerOff,
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

type Places = { readonly results: string; readonly port: number };

function guestOptions(image: LabImage, options: BootOptions, { results, port }: Places): readonly string[] {
  const { share, cpus = 2, memoryMb = 2048, cables = [], kernelAppend = '' } = options;
  const kernelCommandLine = `console=ttyS0 quiet mitigations=off net.ifnames=0 ${kernelAppend}`;
  return [
    '-smp', String(cpus), '-m', String(memoryMb),
    '-kernel', image.kernel, '-initrd', image.initrd, '-append', kernelCommandLine,
    // snapshot: writes go to a temporary file that is already unlinked.
    '-drive', `file=${image.rootDisk},format=raw,if=none,id=root,snapshot=on,cache=unsafe`,
    '-device', 'virtio-blk-pci,drive=root',
    // restrict: nothing leaves the guest; only ssh gets in.
    '-netdev', `user,id=net,restrict=on,ipv6=off,hostfwd=tcp:127.0.0.1:${port}-:22`,
    '-device', 'virtio-net-pci,netdev=net,romfile=',
    ...cables.flatMap(({ path, end, mac }, at) => [
      '-netdev', `stream,id=cable${at},addr.type=unix,addr.path=${path},server=${end === 'waits' ? 'on' : 'off'}`,
      '-device', `virtio-net-pci,netdev=cable${at},mac=${mac},romfile=`,
    ]),
    '-virtfs', `local,path=${share},mount_tag=project,security_model=none,readonly=on,multidevs=remap`,
    '-virtfs', `local,path=${results},mount_tag=results,security_model=none,multidevs=remap`,
  ];
}

type GuestFiles = { readonly sshArguments: readonly string[]; readonly results: string };

async function copyOut(guest: GuestFiles, guestPath: string, hostPath: string): Promise<void> {
  const stage = await mkdtemp(join(guest.results, '.copy-'));
  const name = stage.slice(guest.results.length + 1);
  const copied = await runInGuest(guest.sshArguments, `cp -a -- '${guestPath}' '/results/${name}/it'`);
  try {
    if (copied.exitCode !== 0) throw new Error(copied.stderr);
    await cp(join(stage, 'it'), hostPath, { recursive: true });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
