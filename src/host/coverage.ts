import type { HostFacts } from '../model/host.ts';
import type { CoverageOutput } from '../model/output.ts';
import { fentryOf, fitsFentry } from './fentry.ts';
import type { Wanted } from './inspect.ts';

/** A probe as far as coverage is concerned: its name, what its header requires, what it stands in for, and where there is anything for it to see. */
export interface Demand { readonly name: string; readonly requires: readonly string[]; readonly replaces: readonly string[]; readonly applies: readonly string[] }
/** A cause, and the probes it cannot be proved without. */
export interface Need { readonly id: string; readonly probes: readonly string[] }

export interface Coverage extends CoverageOutput {
  /** Probes that nothing replaces here, with what this host lacks for each. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
  /** Probes that the kernel would not take although it has all that they require, with what it said. */
  readonly refused: ReadonlyMap<string, string>;
}

/** The features that all headers ask for, sorted by where they are looked up. */
export function wantedBy(demands: readonly Demand[]): Wanted {
  const all = demands.flatMap(demand => [...demand.requires, ...demand.applies]);
  const pick = (prefix: RegExp): Set<string> => new Set(all.filter(text => prefix.test(text)).map(text => text.replace(prefix, '')));
  return {
    functions: pick(/^kprobe:/), symbols: pick(/^kallsyms:/), tracepoints: pick(/^tracepoint:/),
    types: new Set([...pick(/^struct /)].map(name => name.split('.')[0] ?? name)),
  };
}

/**
 * Which probes can be armed here, and which causes stay unproved for want of the others. Decided by feature, never by version.
 * A probe that stands in for others is armed only where all of those are missing. What was `refused` is missing, too.
 */
export function coverageOf(facts: HostFacts, all: readonly Demand[], needs: readonly Need[], refused: ReadonlyMap<string, string> = new Map()): Coverage {
  // A kernel that does not work that way lacks nothing.
  const demands = all.filter(({ applies }) => applies.every(requirement => offers(facts, requirement)));
  const lacks = new Map(demands.map(({ name, requires }) => {
    const word = refused.get(name);
    return [name, [...requires.filter(requirement => !offers(facts, requirement)), ...word === undefined ? [] : [word]]];
  }));
  const isMissing = (name: string): boolean => (lacks.get(name)?.length ?? 1) > 0;
  const armed = demands.filter(({ name, replaces }) => !isMissing(name) && replaces.every(isMissing));
  const replaced = armed.flatMap(({ name, replaces: [probe] }) => probe === undefined ? [] : [{ probe, by: name }]);
  const missing = new Map(demands.flatMap(({ name, replaces }) => {
    const lacking = lacks.get(name) ?? [];
    return lacking.length === 0 || replaces.length > 0 || replaced.some(({ probe }) => probe === name) ? [] : [[name, lacking] as const];
  }));
  return {
    missing, replaced, refused, armed: armed.map(({ name }) => name),
    blind: needs.flatMap(need => {
      const lacking = need.probes.flatMap(probe => missing.get(probe) ?? []);
      return lacking.length === 0 ? [] : [{ cause: need.id, missing: [...new Set(lacking)] }];
    }),
  };
}

/** For a person: what the kernel refused, and what comes of it. undefined: nothing. */
export function refusalNotice({ refused, replaced, blind }: Coverage): string | undefined {
  const sentences = [...refused].map(([name, why]) => {
    const stand = replaced.find(({ probe }) => probe === name);
    const causes = blind.filter(({ missing }) => missing.includes(why)).map(({ cause }) => cause);
    return `This kernel refuses the probe ${why}: ${stand === undefined ? causes.length === 0 ? 'no cause needs it.' : `not to be proved here: ${causes.join(', ')}.` : `${stand.by} stands in for it.`}`;
  });
  return sentences.length === 0 ? undefined : sentences.join('\n');
}

function offers(facts: HostFacts, requirement: string): boolean {
  const [, kind, name = ''] = /^(kprobe:|kallsyms:|tracepoint:|struct )(.+)$/.exec(requirement) ?? [];
  switch (kind) {
    case 'kprobe:': return facts.functions?.has(name) === true && (facts.kprobes || fitsFentry(fentryOf(facts)?.prototypes.get(name)));
    case 'kallsyms:': return facts.functions?.has(name) === true;
    case 'tracepoint:': return facts.tracepoints.has(name);
    case 'struct ': return facts.types?.has(name) === true;
    default: return false;
  }
}
