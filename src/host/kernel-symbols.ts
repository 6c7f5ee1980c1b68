import { readFileSync } from 'node:fs';
import { createModuleSymbols, type ReadFile } from './symbols.ts';

/** What /proc/kallsyms tells: addresses of names, and names of addresses. */
export interface KernelSymbols {
  /** undefined: there is no such symbol, or addresses are hidden. */
  address(name: string): bigint | undefined;
  /** The function that an address lies in, of the kernel or of a module. */
  symbolAt(address: bigint): string | undefined;
}

/** The kernel's own symbols are read once, beforehand, those of modules again when another one is met. */
export function readKernelSymbols(read: ReadFile = readFileSync): KernelSymbols {
  let first: Buffer | undefined;
  const modules = createModuleSymbols(path => {
    const bytes = read(path);
    if (path === '/proc/kallsyms') first ??= bytes;
    return bytes;
  });
  const text = first ?? read('/proc/kallsyms');
  const table = functionsOf(text);
  const known = new Map<bigint, string | undefined>();

  function own(address: bigint): string | undefined {
    const { addresses, lines } = table;
    let low = 0;
    let high = addresses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((addresses[middle] ?? 0n) <= address) low = middle + 1; else high = middle;
    }
    const line = lines[low - 1];
    return line === undefined || address - (addresses[low - 1] ?? 0n) > LONGEST ? undefined : text.toString('latin1', line + NAME, text.indexOf(10, line)).split('\t')[0];
  }

  return {
    address(name) {
      const at = text.indexOf(` ${name}\n`);
      const address = at < NAME ? 0n : BigInt(`0x${text.toString('latin1', at - NAME + 1, at - 2)}`);
      return address === 0n ? undefined : address;
    },
    symbolAt(address) {
      const module = modules(address);
      if (module !== undefined) return module;
      if (!known.has(address)) known.set(address, own(address));
      return known.get(address);
    },
  };
}

/** Lines are "0123456789abcdef t name": sixteen digits, the type, and from the twentieth byte on the name. */
const NAME = 19;
/** No function is longer: what lies beyond the last one is none of the kernel's own. */
const LONGEST = 0x10_0000n;
const TEXT_TYPES = [...'tTwW'].map(type => type.charCodeAt(0));

/** Functions between _stext and _etext, in order of their addresses, and where their lines begin. */
function functionsOf(text: Buffer): { addresses: BigUint64Array; lines: Uint32Array } {
  const rows: { address: bigint; line: number }[] = [];
  for (let line = 0; line < text.length;) {
    const end = text.indexOf(10, line);
    if (end < 0) break;
    // Names of modules come last, after a tab.
    if (text[end - 1] === 0x5d) break;
    if (TEXT_TYPES.includes(text[line + 17] ?? 0)) rows.push({ address: BigInt(`0x${text.toString('latin1', line, line + 16)}`), line });
    line = end + 1;
  }
  rows.sort((a, b) => a.address < b.address ? -1 : a.address > b.address ? 1 : 0);
  return { addresses: BigUint64Array.from(rows, ({ address }) => address), lines: Uint32Array.from(rows, ({ line }) => line) };
}
