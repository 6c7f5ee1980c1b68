import { RoutecauseError } from '../model/errors.ts';
import type { HostFacts } from '../model/host.ts';
import type { Tier } from '../model/output.ts';
import { diagnose, diagnoseFtrace, isFunctionTracerOnly, type Finding } from './diagnosis.ts';
import { fentryOf } from './fentry.ts';

/** A way to learn of causes, and what keeps it from working here; nothing: it works. `needs`: in one sentence, what it is made of. */
export interface TierCheck { readonly tier: Tier; readonly needs: string; readonly findings: readonly Finding[] }

/** Every tier there is, the one that can tell most first. */
export function tiersOf(facts: HostFacts): readonly TierCheck[] {
  return [
    { tier: 'bpftrace', needs: `root, ${fentryOf(facts) === undefined ? 'kprobes' : 'fentry (in place of kprobes)'}, BTF and bpftrace are there`, findings: diagnose(facts) },
    { tier: 'ftrace', needs: isFunctionTracerOnly(facts) ? 'root and the function tracer are there (in place of kprobe events: verdicts are likely at best)' : 'root, kprobe events and BTF are there', findings: diagnoseFtrace(facts) },
    { tier: 'netlink', needs: 'it needs no tracing and no root', findings: [] },
  ];
}

/** The tier to run in, and why that one. @throws RoutecauseError where it does not work on this host */
export function chooseTier(tiers: readonly TierCheck[], wanted: Tier | 'auto'): { readonly tier: Tier; readonly reason: string } {
  const candidates = tiers.filter(({ tier }) => wanted === 'auto' || tier === wanted);
  const chosen = candidates.find(({ findings }) => findings.length === 0);
  const [before] = chosen === undefined ? [] : candidates.slice(0, candidates.indexOf(chosen)).flatMap(({ findings }) => findings);
  if (chosen !== undefined) return { tier: chosen.tier, reason: wanted !== 'auto' ? `asked for; ${chosen.needs}` : before === undefined ? chosen.needs : `${chosen.needs}; better ones do not work here: ${before.problem}` };
  const [finding] = candidates.flatMap(({ findings }) => findings);
  throw new RoutecauseError(`this host cannot be traced: ${finding?.problem ?? `there is no tier ${wanted}`}`, finding?.remedy ?? 'routecause doctor');
}

/** For a person who did not ask for this tier: why it is this one, and what is lost by it. undefined: nothing is. */
export function tierNotice(tiers: readonly TierCheck[], wanted: Tier | 'auto'): string | undefined {
  const [finding] = tiers.flatMap(({ findings }) => findings);
  if (wanted !== 'auto' || finding === undefined || chooseTier(tiers, wanted).tier !== 'netlink') return undefined;
  return `This host cannot be traced: ${finding.problem} (remedy: ${finding.remedy}). routecause watches messages instead: causes are likely at best, and a program is named only where /proc shows whose request it was.`;
}
