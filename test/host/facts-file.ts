import type { HostFacts } from '../../src/model/host.ts';

/** Facts of a host as a file in fixtures/hosts holds them: sets as lists, the capabilities as text. */
export function encodeFacts(facts: HostFacts): string {
  const plain = (_key: string, value: unknown): unknown => value instanceof Set ? [...value as Set<string>].sort() : typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  return `${JSON.stringify(facts, plain, 1)}\n`;
}

export function decodeFacts(text: string): HostFacts {
  const raw = JSON.parse(text) as Omit<HostFacts, 'capabilities' | 'functions' | 'tracepoints' | 'types'> & {
    readonly capabilities: string; readonly functions?: readonly string[]; readonly tracepoints: readonly string[]; readonly types?: readonly string[];
  };
  const { capabilities, functions, tracepoints, types, ...rest } = raw;
  return {
    ...rest, capabilities: BigInt(capabilities), tracepoints: new Set(tracepoints),
    ...(functions === undefined ? {} : { functions: new Set(functions) }), ...(types === undefined ? {} : { types: new Set(types) }),
  };
}
