import { EXIT } from '../model/errors.ts';
import { sanitizeText } from '../report/sanitize.ts';
import type { Finding } from '../host/diagnosis.ts';
import { checkHost, type HostCheck } from './live.ts';

/** Prints what this host can trace, what is missing, and what mends it. Exit code 0: everything; 4: something is blind; 1: no tracing. */
export async function doctor(options: { readonly json: boolean }): Promise<number> {
  const check = await checkHost();
  process.stdout.write(options.json ? `${JSON.stringify(doctorRecord(check))}\n` : doctorText(check));
  if (hindrances(check).length > 0) return EXIT.error;
  return check.coverage.blind.length > 0 ? EXIT.partial : EXIT.ok;
}

/** What keeps this host from being traced. */
const hindrances = ({ tiers }: Pick<HostCheck, 'tiers'>): readonly Finding[] => tiers.find(({ tier }) => tier === 'bpftrace')?.findings ?? [];

function doctorRecord({ facts, coverage, tiers }: HostCheck): object {
  const findings = hindrances({ tiers });
  return {
    kind: 'doctor', schema: 1, traceable: findings.length === 0, findings,
    host: { hostname: facts.hostname, kernel: facts.kernel, machine: facts.machine, cpus: facts.cpus, ...(facts.bpftrace === undefined ? {} : { bpftrace: facts.bpftrace.version }) },
    coverage: { armed: coverage.armed, replaced: coverage.replaced, blind: coverage.blind },
  };
}

export function doctorText({ facts, coverage, tiers }: HostCheck): string {
  const findings = hindrances({ tiers });
  const lines = [
    `host       ${facts.hostname}, kernel ${facts.kernel}, ${facts.machine}, ${facts.cpus} CPUs${facts.container === undefined ? '' : `, ${facts.container} container`}`,
    `bpftrace   ${facts.bpftrace?.version ?? 'not installed'}`,
    `tracing    ${findings.length === 0 ? 'works: every verdict can be proved' : 'does not work here'}`,
  ];
  for (const { problem, remedy } of findings) lines.push(`  problem  ${problem}`, `  remedy   ${remedy}`);
  if (findings.length === 0) {
    lines.push(`probes     ${coverage.armed.length} of ${coverage.armed.length + coverage.missing.size} can be armed`);
    for (const [name, lacking] of coverage.missing) lines.push(`  missing  ${name}: needs ${lacking.join(', ')}`);
    for (const { cause, missing } of coverage.blind) lines.push(`  blind    cause ${cause} cannot be proved without ${missing.join(', ')}`);
    if (!facts.setpriv) lines.push('  note     setpriv (util-linux) is missing: if routecause is killed with SIGKILL, end bpftrace by hand');
  } else {
    lines.push('instead    routecause replay FILE works anywhere, and so does the recorded incident: routecause');
  }
  return `${lines.map(sanitizeText).join('\n')}\n`;
}
