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
  // Only when asked for: it cannot prove anything.
  const candidates = tiers.filter(({ tier }) => wanted === 'auto' ? tier !== 'netlink' : tier === wanted);
  const chosen = candidates.find(({ findings }) => findings.length === 0);
  if (chosen !== undefined) return { tier: chosen.tier, reason: wanted === 'auto' ? chosen.needs : `asked for; ${chosen.needs}` };
  const [finding] = candidates.flatMap(({ findings }) => findings);
  throw new RoutecauseError(`this host cannot be traced: ${finding?.problem ?? `there is no tier ${wanted}`}`, finding?.remedy ?? 'routecause doctor');
}
