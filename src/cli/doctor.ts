import { ALL_CAUSES } from '../causes/index.ts';
import { coverageOf } from '../host/coverage.ts';
import { EXIT, RoutecauseError } from '../model/errors.ts';
import { incidentRecording } from './places.ts';
import { writeAnswer } from '../report/line-writer.ts';
import { sanitizeText } from '../report/sanitize.ts';
import type { Finding } from '../host/diagnosis.ts';
import { countLeftovers } from './ftrace.ts';
import { rehearse } from './kprobe-events.ts';
import { listening } from './listening.ts';
import { checkHost, type HostCheck } from './live.ts';

/** Prints what this host can trace, what is missing, and what mends it. Exit code 0: everything; 4: something is blind; 1: no tracing. */
export async function doctor(options: { readonly json: boolean }): Promise<number> {
  const check = await tried(await checkHost());
  await writeAnswer(process.stdout, options.json ? JSON.stringify(doctorRecord(check)) : doctorText(check, listening(true).words));
  if (hindrances(check).length > 0) return EXIT.error;
  return check.coverage.blind.length > 0 ? EXIT.partial : EXIT.ok;
}

/** What a kernel refuses, it says only when it is asked to take it. */
async function tried(check: HostCheck): Promise<HostCheck> {
  const { facts, files, tiers } = check;
  if (!facts.kprobes || tiers.some(({ tier, findings }) => tier === 'ftrace' && findings.length > 0)) return check;
  try {
    return { ...check, coverage: coverageOf(facts, files, ALL_CAUSES, await rehearse(facts, files)) };
  } catch (error) {
    if (!(error instanceof RoutecauseError)) throw error;
    const finding = { problem: error.message, remedy: error.remedy };
    return { ...check, tiers: tiers.map(entry => entry.tier === 'ftrace' ? { ...entry, findings: [finding] } : entry) };
  }
}

/** What keeps this host from being traced: nothing, if one way of tracing works. */
function hindrances({ tiers }: Pick<HostCheck, 'tiers'>): readonly Finding[] {
  const tracing = tiers.filter(({ tier }) => tier !== 'netlink');
  return tracing.some(({ findings }) => findings.length === 0) ? [] : tracing[0]?.findings ?? [];
}

function doctorRecord({ facts, coverage, tiers }: HostCheck): object {
  const findings = hindrances({ tiers });
  return {
    kind: 'doctor', schema: 1, traceable: findings.length === 0, findings,
    tiers: tiers.map(({ tier, needs, findings: all }) => ({ tier, works: all.length === 0, needs, findings: all })),
    host: { hostname: facts.hostname, kernel: facts.kernel, machine: facts.machine, cpus: facts.cpus, ...(facts.bpftrace === undefined ? {} : { bpftrace: facts.bpftrace.version }) },
    coverage: { armed: coverage.armed, replaced: coverage.replaced, blind: coverage.blind },
  };
}

/** kernel/kprobes.c, until 5.16: a stack ends where a return probe took the place of a return address. Later kernels call that function otherwise. */
const cutsStacks = ({ functions }: HostCheck['facts']): boolean => functions?.has('kretprobe_trampoline') === true;

export function doctorText({ facts, coverage, tiers }: Pick<HostCheck, 'facts' | 'coverage' | 'tiers'>, heard?: string): string {
  const isTraceable = hindrances({ tiers }).length === 0;
  const lines = [
    `host       ${facts.hostname}, kernel ${facts.kernel}, ${facts.machine}, ${facts.cpus} CPUs${facts.container === undefined ? '' : `, ${facts.container} container`}`,
    `bpftrace   ${facts.bpftrace?.version ?? 'not installed'}`,
    `tracing    ${!isTraceable ? 'does not work here' : coverage.blind.length > 0 ? `works, but ${coverage.blind.length} causes cannot be proved` : cutsStacks(facts) ? 'works, but not every verdict can be proved' : 'works: every verdict can be proved'}`,
  ];
  for (const { tier, needs, findings } of tiers) {
    lines.push(`${tier.padEnd(10)} ${findings.length === 0 ? `works: ${needs}` : 'does not work here'}`);
    if (tier === 'netlink' && heard !== undefined) lines.push(`  note     ${heard}`);
    for (const { problem, remedy } of findings) lines.push(`  problem  ${problem}`, `  remedy   ${remedy}`);
  }
  if (isTraceable) {
    lines.push(`probes     ${coverage.armed.length} of ${coverage.armed.length + coverage.missing.size} can be armed`);
    for (const { probe, by } of coverage.replaced) lines.push(`  instead  ${by} for ${probe}`);
    for (const [name, lacking] of coverage.missing) lines.push(`  missing  ${name}: needs ${lacking.join(', ')}`);
    for (const { cause, missing } of coverage.blind) lines.push(`  blind    cause ${cause} cannot be proved without ${missing.join(', ')}`);
    if (cutsStacks(facts)) lines.push('  note     stacks end at return probes before Linux 5.16: what goes with a device, or comes by an advertisement, is likely at best');
    if (!facts.setpriv) lines.push('  note     setpriv (util-linux) is missing: if routecause is killed with SIGKILL, end bpftrace by hand');
    if (countLeftovers(facts) > 0) lines.push('  note     a routecause that was killed left probes in the kernel: the next watch or record removes them');
    if (facts.pidNamespace === true) lines.push('  note     process ids here are not those of the kernel: programs that started before are told without their command line');
  } else {
    lines.push(
      'instead    routecause watch follows netlink messages: every change is told, silent ones too, but causes are likely at best',
      '  knows    programs whose routing socket /proc shows, and what the order of messages tells',
      '  blind    sysctl writers, callers of ioctl and whoever set a device up or down: what they did is told, who it was is not',
      `  example  a recorded incident, fully traced: routecause replay ${incidentRecording()}`,
    );
  }
  return `${lines.map(sanitizeText).join('\n')}\n`;
}
