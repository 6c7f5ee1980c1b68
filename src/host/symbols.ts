import { readFileSync } from 'node:fs';

interface Table { readonly addresses: BigUint64Array; readonly names: readonly string[] }
export type ReadFile = (path: string) => Buffer;

/**
 * Names functions of kernel modules by address. bpftrace reads /proc/kallsyms once, at its start, so a module loaded
 * later (vrf, wireguard) would be shown under a neighbour's name; here the list is read again when one is asked for that came since.
 * That takes the kernel long, so it is read beforehand, and not when the first stack comes. The kernel's own functions are left to bpftrace: undefined.
 */
export function createModuleSymbols(read: ReadFile = readFileSync): (address: bigint) => string | undefined {
  let loaded: readonly Module[] = [];
  let table: Table | undefined;
  let text: { readonly start: bigint; readonly end: bigint } | undefined;
  const ends = new Map<string, bigint>();

  /** Where its code ends: behind it was that of its beginning, whose memory was given back and may hold trampolines by now. */
  function endOf({ name, start, end }: Module): bigint {
    const key = `${name} ${start}`;
    const known = ends.get(key);
    if (known !== undefined) return known;
    const beginning = sectionAt(read, name, '.init.text');
    const found = beginning !== undefined && beginning > start && beginning < end ? beginning : end;
    // While a module is being loaded, its sections cannot be seen yet.
    if (beginning !== undefined) ends.set(key, found);
    return found;
  }

  function load(modules: readonly Module[]): void {
    loaded = modules;
    const symbols = read('/proc/kallsyms');
    text = { start: addressOf(symbols, '_stext'), end: addressOf(symbols, '_etext') };
    table = tableOf(symbols);
  }

  try {
    load(modulesIn(read('/proc/modules')));
  } catch {
    // It may become readable; what the tracer says stands till then.
  }

  return address => {
    try {
      if (text !== undefined && address >= text.start && address < text.end) return undefined;
      const modules = modulesIn(read('/proc/modules'));
      const module = moduleAt(modules, address);
      if (module === undefined) return undefined;
      // What the tracer calls it is no better: it read the list at its start.
      if (address >= endOf(module)) return `0x${address.toString(16)}`;
      if (table === undefined || !isKnown(loaded, module)) load(modules);
      if (table === undefined || text === undefined || (address >= text.start && address < text.end)) return undefined;
      return nearest(table, address);
    } catch {
      // /proc is not readable: what the tracer said stands.
      return undefined;
    }
  };
}

interface Module { readonly name: string; readonly start: bigint; readonly end: bigint }

/** Lines are "name size users by state 0xaddress"; the code of one is at its address, the rest may be elsewhere. */
const modulesIn = (text: Buffer): readonly Module[] =>
  [...text.toString('latin1').matchAll(/^(\S+) (\d+) .*? 0x([0-9a-f]+)/gm)].map(([, name = '', size = '0', address = '0']) => {
    const start = BigInt(`0x${address}`);
    return { name, start, end: start + BigInt(size) };
  });

/**
 * The module that the address is in; undefined: it is in none, as trampolines of tracers are. From 6.4 on the size counts data that is
 * elsewhere, so that modules seem to overlap: the one that begins last before the address is meant.
 */
function moduleAt(modules: readonly Module[], address: bigint): Module | undefined {
  const below = modules.reduce<Module | undefined>((best, one) => one.start <= address && (best === undefined || one.start >= best.start) ? one : best, undefined);
  return below !== undefined && address < below.end ? below : undefined;
}

const isKnown = (loaded: readonly Module[], wanted: Module): boolean =>
  loaded.some(({ name, start }) => name === wanted.name && start === wanted.start);

/** undefined: it has none, or nobody may see where. */
function sectionAt(read: ReadFile, module: string, section: string): bigint | undefined {
  try {
    const text = read(`/sys/module/${module}/sections/${section}`).toString('latin1').trim();
    return /^0x[0-9a-f]+$/.test(text) ? BigInt(text) : undefined;
  } catch {
    return undefined;
  }
}

function addressOf(symbols: Buffer, name: string): bigint {
  const at = [' T ', ' t '].map(type => symbols.indexOf(`${type}${name}\n`)).find(found => found >= 16);
  return at === undefined ? 0n : BigInt(`0x${symbols.toString('latin1', at - 16, at)}`);
}

/** Names of modules come last, after a tab. */
function tableOf(symbols: Buffer): Table {
  const first = symbols.indexOf('\t[');
  const rows = [...symbols.toString('latin1', first < 0 ? symbols.length : symbols.lastIndexOf(10, first) + 1).matchAll(/^([0-9a-f]+) [tTwW] (\S+)\t\[/gm)]
    .map(([, address = '0', name = '']) => ({ address: BigInt(`0x${address}`), name }))
    .sort((a, b) => a.address < b.address ? -1 : a.address > b.address ? 1 : 0);
  return { addresses: BigUint64Array.from(rows, row => row.address), names: rows.map(row => row.name) };
}

/** The last symbol at or before the address. */
function nearest({ addresses, names }: Table, address: bigint): string | undefined {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((addresses[middle] ?? 0n) <= address) low = middle + 1; else high = middle;
  }
  return names[low - 1];
}
