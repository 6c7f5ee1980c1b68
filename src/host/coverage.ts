import type { HostFacts } from '../model/host.ts';
import type { CoverageOutput } from '../model/output.ts';
import type { Wanted } from './inspect.ts';

/** A probe as far as coverage is concerned: its name and what its header requires. */
export interface Demand { readonly name: string; readonly requires: readonly string[] }
/** A cause, and the probes it cannot be proved without. */
export interface Need { readonly id: string; readonly probes: readonly string[] }

export interface Coverage extends CoverageOutput {
  /** Probes left out, with what this host lacks for each. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
}

/** The features that all headers ask for, sorted by where they are looked up. */
export function wantedBy(demands: readonly Demand[]): Wanted {
  const all = demands.flatMap(demand => demand.requires);
  const pick = (prefix: RegExp): Set<string> => new Set(all.filter(text => prefix.test(text)).map(text => text.replace(prefix, '')));
  return {
    functions: pick(/^(kprobe|kallsyms):/), tracepoints: pick(/^tracepoint:/),
    types: new Set([...pick(/^struct /)].map(name => name.split('.')[0] ?? name)),
  };
}

/** Which probes can be armed here, and which causes stay unproved for want of the others. Decided by feature, never by version. */
export function coverageOf(facts: HostFacts, demands: readonly Demand[], needs: readonly Need[]): Coverage {
  const missing = new Map<string, readonly string[]>();
  for (const demand of demands) {
    const lacking = demand.requires.filter(requirement => !offers(facts, requirement));
    if (lacking.length > 0) missing.set(demand.name, lacking);
  }
  return {
    missing,
    armed: demands.map(demand => demand.name).filter(name => !missing.has(name)),
    replaced: [],
    blind: needs.flatMap(need => {
      const lacking = need.probes.flatMap(probe => missing.get(probe) ?? []);
      return lacking.length === 0 ? [] : [{ cause: need.id, missing: [...new Set(lacking)] }];
    }),
  };
}

function offers(facts: HostFacts, requirement: string): boolean {
  const [, kind, name = ''] = /^(kprobe:|kallsyms:|tracepoint:|struct )(.+)$/.exec(requirement) ?? [];
  switch (kind) {
    case 'kprobe:': return facts.kprobes && facts.functions?.has(name) === true;
    case 'kallsyms:': return facts.functions?.has(name) === true;
    case 'tracepoint:': return facts.tracepoints.has(name);
    case 'struct ': return facts.types?.has(name) === true;
    default: return false;
  }
}
