import type { Fentry, HostFacts, Prototype } from '../../src/model/host.ts';

/** Facts of a host as a file in fixtures/hosts holds them: sets as lists, maps as objects, the capabilities as text. */
export function encodeFacts(facts: HostFacts): string {
  const plain = (_key: string, value: unknown): unknown => value instanceof Set ? [...value as Set<string>].sort() : value instanceof Map ? Object.fromEntries([...value as Map<string, unknown>].sort(([one], [other]) => one < other ? -1 : 1)) : typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  return `${JSON.stringify(facts, plain, 1)}\n`;
}

export function decodeFacts(text: string): HostFacts {
  const raw = JSON.parse(text) as Omit<HostFacts, 'capabilities' | 'functions' | 'tracepoints' | 'types' | 'fentry'> & {
    readonly capabilities: string; readonly functions?: readonly string[]; readonly tracepoints: readonly string[]; readonly types?: readonly string[];
    readonly fentry?: false | { readonly word: Fentry['word']; readonly prototypes: Readonly<Record<string, Prototype>> };
  };
  const { capabilities, functions, tracepoints, types, fentry, ...rest } = raw;
  return {
    ...rest, capabilities: BigInt(capabilities), tracepoints: new Set(tracepoints),
    ...(fentry === undefined ? {} : { fentry: fentry === false ? fentry : { word: fentry.word, prototypes: new Map(Object.entries(fentry.prototypes)) } }),
    ...(functions === undefined ? {} : { functions: new Set(functions) }), ...(types === undefined ? {} : { types: new Set(types) }),
  };
}
