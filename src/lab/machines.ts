import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { LabError } from './error.ts';
import { packProject, unpackCommand } from './project.ts';
import { bootVm, type Cable, type Vm } from './vm.ts';

export type MachinesOptions = {
  /** Folder that holds package.json. */
  readonly root: string;
  /** Debian suite. */
  readonly suite: string;
  /** Ends the start, and later the machines. */
  readonly signal: AbortSignal;
  /** Told what goes on. */
  readonly say: (text: string) => void;
};

/** The two machines of the incident, with sessions established and a recorder that runs. They end with it. */
export type Machines = AsyncDisposable & { readonly firewall: Vm; readonly hypervisor: Vm };

type Role = 'hypervisor' | 'firewall';

const wiringLimitMs = 600_000;

/** Starts both machines. @throws LabError when one does not come up, or the sessions between them do not */
export async function startMachines({ root, suite, signal, say }: MachinesOptions): Promise<Machines> {
  await using stack = new AsyncDisposableStack();
  const share = await mkdtemp(join(tmpdir(), 'routecause-lab-'));
  stack.defer(() => rm(share, { recursive: true, force: true }));
  say('packing routecause for the machines');
  await packProject(root, ['dist', 'probes', 'fixtures/lab', 'fixtures/scenarios'], join(share, 'project.tar'));

  const boot = async (role: Role): Promise<Vm> => {
    const vm = stack.use(await bootVm({ recipe: join(root, 'fixtures/lab'), share, suite, signal, cpus: role === 'firewall' ? 2 : 1, cables: cables(share, role) }));
    say(`the ${role} is up after ${(vm.bootMs / 1000).toFixed(0)} s (${vm.accelerator === 'kvm' ? 'KVM' : 'emulated'})`);
    await must(vm, unpackCommand, signal);
    return vm;
  };
  const hypervisor = await boot('hypervisor');
  const firewall = await boot('firewall');
  await must(hypervisor, 'bash /project/fixtures/lab/machine.sh hypervisor', signal);
  say('BGP between them comes up, in two VRFs');
  await must(firewall, 'bash /project/fixtures/lab/machine.sh firewall', signal);
  const started = stack.move();
  return { firewall, hypervisor, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

const cables = (folder: string, role: Role): readonly Cable[] => [1, 2].map(number => ({
  path: join(folder, `cable${number}`), end: role === 'hypervisor' ? 'waits' : 'calls', mac: `02:00:00:00:0${role === 'hypervisor' ? 1 : 0}:0${number}`,
}));

async function must(vm: Vm, command: string, signal: AbortSignal): Promise<void> {
  const { exitCode, stdout, stderr } = await vm.run(command, { signal, timeoutMs: wiringLimitMs });
  if (exitCode !== 0) throw new LabError(`\`${command}\` in the guest ended with ${exitCode}: ${(stdout + stderr).slice(-2000)}`);
}

/** A person's shell in a machine; resolves with its exit code. */
export async function openShell(vm: Vm): Promise<number> {
  const { exitCode } = await execa('ssh', ['-t', ...vm.sshArguments, 'cd /root; exec bash -i'], { stdio: 'inherit', reject: false });
  return exitCode ?? 1;
}

/** Runs a command in a machine, whose output goes where ours goes; resolves with its exit code. */
export async function runThrough(vm: Vm, command: string): Promise<number> {
  const { exitCode } = await execa('ssh', ['-T', ...vm.sshArguments, command], { stdio: ['ignore', 'inherit', 'inherit'], reject: false });
  return exitCode ?? 1;
}
