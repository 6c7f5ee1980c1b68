import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, RoutecauseError } from '../model/errors.ts';
import { LabError } from '../lab/error.ts';
import { openShell, runThrough, startMachines } from '../lab/machines.ts';
import { checkNeeds } from '../lab/needs.ts';
import { packageRoot } from './places.ts';
import { awaitEnding } from './until.ts';

export interface LabOptions {
  readonly debian: '12' | '13';
  /** Make this incident happen and end, instead of a shell. */
  readonly run?: string;
  /** Where the recording goes, with `run`. */
  readonly output?: string;
}

const SUITES = { 12: 'bookworm', 13: 'trixie' } as const;

/** Two throw-away machines with the wiring of the incident, and a shell in the firewall. Returns the exit code. @throws RoutecauseError where they do not come up */
export async function lab(options: LabOptions): Promise<number> {
  checkOptions(options, packageRoot());
  checkNeeds(process.env['PATH'] ?? '', process.arch);
  const say = (text: string): void => { process.stderr.write(`lab: ${text}\n`); };
  const ending = awaitEnding();
  const stop = new AbortController();
  let stopped: number | undefined;
  void ending.promise.then(code => { stopped = code; stop.abort(); });
  try {
    await using machines = await startMachines({ root: packageRoot(), suite: SUITES[options.debian], signal: stop.signal, say });
    const { firewall } = machines;
    if (options.run === undefined) {
      say('this is the firewall: incident list, incident run subnet-router-anycast, incident reset; exit ends both machines');
      await openShell(firewall);
      return stopped ?? EXIT.ok;
    }
    const code = await runThrough(firewall, `incident run ${options.run}`);
    if (options.output !== undefined && stopped === undefined) await bringOut(firewall, options.output);
    return stopped ?? (code === 0 ? EXIT.ok : EXIT.error);
  } catch (error) {
    if (stopped !== undefined) return stopped;
    throw error;
  } finally {
    ending.dispose();
  }
}

function checkOptions({ run, output }: LabOptions, root: string): void {
  const refuse = (message: string, remedy: string): never => { throw new RoutecauseError(message, remedy, { exitCode: EXIT.usage }); };
  if (output !== undefined && run === undefined) refuse('--output goes with --run', 'routecause lab --run NAME --output FILE');
  if (output !== undefined && existsSync(output)) refuse(`${output} exists`, 'choose another file, or remove it');
  if (run !== undefined && (!/^[\w-]+$/.test(run) || !existsSync(join(root, 'fixtures/scenarios', run)))) {
    refuse(`there is no incident ${run}`, 'docs/incidents has the names; in the machines, incident list');
  }
}

async function bringOut(firewall: Awaited<ReturnType<typeof startMachines>>['firewall'], output: string): Promise<void> {
  const { exitCode, stdout, stderr } = await firewall.run('incident recording', { timeoutMs: 120_000 });
  if (exitCode !== 0) throw new LabError(`there is no recording: ${stderr.trim()}`);
  await firewall.copyOut(stdout.trim(), output);
}
