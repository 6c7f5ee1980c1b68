import { readFileSync } from 'node:fs';

interface Table { readonly addresses: BigUint64Array; readonly names: readonly string[] }

/**
 * Names functions of kernel modules by address. bpftrace reads /proc/kallsyms once, at its start, so a module loaded
 * later (vrf, wireguard) would be shown under a neighbour's name; here the list is read again whenever modules change.
 * The kernel's own functions are left to bpftrace: undefined.
 */
export function createModuleSymbols(): (address: bigint) => string | undefined {
  let loaded: string | undefined;
  let table: Table = { addresses: new BigUint64Array(0), names: [] };
  let text: { readonly start: bigint; readonly end: bigint } | undefined;

  function refresh(): void {
    const modules = readFileSync('/proc/modules', 'latin1').replace(/^(\S+) .*$/gm, '$1');
    if (modules === loaded) return;
    loaded = modules;
    const symbols = readFileSync('/proc/kallsyms', 'latin1');
    const addressOf = (name: string): bigint => BigInt(`0x${new RegExp(`^([0-9a-f]+) [tT] ${name}$`, 'm').exec(symbols)?.[1] ?? '0'}`);
    text = { start: addressOf('_stext'), end: addressOf('_etext') };
    const rows = [...symbols.slice(Math.max(0, symbols.indexOf('\t['))).matchAll(/^([0-9a-f]+) [tTwW] (\S+)\t\[/gm)]
      .map(([, address = '0', name = '']) => ({ address: BigInt(`0x${address}`), name }))
      .sort((a, b) => a.address < b.address ? -1 : a.address > b.address ? 1 : 0);
    table = { addresses: BigUint64Array.from(rows, row => row.address), names: rows.map(row => row.name) };
  }

  return address => {
    try {
      if (text !== undefined && address >= text.start && address < text.end) return undefined;
      refresh();
      if (text === undefined || (address >= text.start && address < text.end)) return undefined;
      return nearest(table, address);
    } catch {
      // /proc is not readable: what the tracer said stands.
      return undefined;
    }
  };
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
