import { expect, test } from 'vitest';
import { readKernelSymbols } from '../../src/host/kernel-symbols.ts';
import { createModuleSymbols } from '../../src/host/symbols.ts';

const KERNEL = `ffffffff81000000 T _stext
ffffffff81000010 t rtnl_notify
ffffffff81000100 T fib_table_insert
ffffffff81900000 T _etext
ffffffff82000000 D init_net
`;
const VRF = 'ffffffffc0400000 t vrf_rtable_create\t[vrf]\nffffffffc0400080 t vrf_add_slave\t[vrf]\n';
const BRIDGE = 'ffffffffc0200000 t br_add_if\t[bridge]\nffffffffc0200100 d br_data\t[bridge]\n';
const line = (name: string, start: string): string => `${name} 40960 2 x,y, Live 0x${start} (OE)\n`;
const BRIDGE_LINE = line('bridge', 'ffffffffc0200000');
const VRF_LINE = line('vrf', 'ffffffffc0400000');

const absent = (): never => { throw new Error('ENOENT'); };

/** /proc as it is while modules come; counts how often the list of all symbols was read. */
function proc(modules: string, symbols: string) {
  const files = { '/proc/modules': modules, '/proc/kallsyms': symbols };
  const reads: string[] = [];
  return {
    files, lists: () => reads.filter(path => path === '/proc/kallsyms').length,
    read: (path: string): Buffer => { reads.push(path); return Buffer.from(files[path as keyof typeof files]); },
  };
}

test('all is read beforehand: nothing has to wait for it once stacks come', () => {
  const { read, lists } = proc(BRIDGE_LINE + VRF_LINE, KERNEL + BRIDGE + VRF);
  const symbols = readKernelSymbols(read);
  expect(lists()).toBe(1);
  expect([0xffffffff81000012n, 0xffffffff81000110n, 0xffffffffc0400085n, 0xffffffffc0200001n].map(address => symbols.symbolAt(address))).toEqual(['rtnl_notify', 'fib_table_insert', 'vrf_add_slave', 'br_add_if']);
  expect(symbols.address('fib_table_insert')).toBe(0xffffffff81000100n);
  expect(lists()).toBe(1);
});

test('the kernel\'s own functions are left to the tracer', () => {
  expect(createModuleSymbols(proc(VRF_LINE, KERNEL + VRF).read)(0xffffffff81000012n)).toBeUndefined();
});

test('modules that came since are read when one of them is met, and not for others', () => {
  const { files, read, lists } = proc(BRIDGE_LINE, KERNEL + BRIDGE);
  const symbolAt = createModuleSymbols(read);
  files['/proc/modules'] += VRF_LINE;
  files['/proc/kallsyms'] += VRF;
  expect(symbolAt(0xffffffffc0200004n)).toBe('br_add_if');
  expect(lists()).toBe(1);
  expect(symbolAt(0xffffffffc0400004n)).toBe('vrf_rtable_create');
  expect(symbolAt(0xffffffffc0400084n)).toBe('vrf_add_slave');
  expect(lists()).toBe(2);
});

test('a module that was loaded again is elsewhere', () => {
  const { files, read } = proc(VRF_LINE, KERNEL + VRF);
  const symbolAt = createModuleSymbols(read);
  files['/proc/modules'] = line('vrf', 'ffffffffc0600000');
  files['/proc/kallsyms'] = KERNEL + VRF.replaceAll('c04', 'c06');
  expect(symbolAt(0xffffffffc0600084n)).toBe('vrf_add_slave');
});

test.each([
  ['between two modules', 0xffffffffc0300000n], ['behind the last one', 0xffffffffc040a000n], ['before the first', 0xffffffffc0000000n], ['behind the kernel', 0xffffffff81a80000n],
])('what is %s has no name: a trampoline of a tracer is not the function below it', (_where, address) => {
  const { read, lists } = proc(BRIDGE_LINE + VRF_LINE, KERNEL + BRIDGE + VRF);
  expect(readKernelSymbols(read).symbolAt(address)).toBeUndefined();
  expect(lists()).toBe(1);
});

test('a module that came since is met, though the size of an older one reaches beyond it', () => {
  const { files, read } = proc(BRIDGE_LINE.replace('40960', '4194304'), KERNEL + BRIDGE);
  const symbolAt = createModuleSymbols(read);
  // The newest one comes first.
  files['/proc/modules'] = VRF_LINE + files['/proc/modules'];
  files['/proc/kallsyms'] += VRF;
  expect(symbolAt(0xffffffffc0400084n)).toBe('vrf_add_slave');
});

test.each([
  ['the code of the module', 0xffffffffc0400085n, '0xffffffffc0401000\n', 'vrf_add_slave'],
  ['where the code of its beginning was, which is a trampoline\'s now', 0xffffffffc0401018n, '0xffffffffc0401010\n', '0xffffffffc0401018'],
  ['where that would be, had it not been elsewhere', 0xffffffffc0401018n, '0xffffffffc0100000\n', 'vrf_init_module'],
  ['beyond the module', 0xffffffffc0401018n, '0xffffffffc0500000\n', 'vrf_init_module'],
  ['where nobody may see what is', 0xffffffffc0401018n, '0x0000000000000000\n', 'vrf_init_module'],
  ['where it cannot be read', 0xffffffffc0401018n, undefined, 'vrf_init_module'],
])('an address in %s', (_what, address, beginning, name) => {
  const { read } = proc(VRF_LINE, `${KERNEL + VRF}ffffffffc0401010 T vrf_init_module\t[vrf]\n`);
  const symbolAt = createModuleSymbols(path => path.startsWith('/sys/') ? beginning === undefined ? absent() : Buffer.from(beginning) : read(path));
  expect(symbolAt(address)).toBe(name);
});

test('without modules, or without the right to read, what the tracer says stands', () => {
  expect(createModuleSymbols(proc('', KERNEL).read)(0xffffffffc0400004n)).toBeUndefined();
  expect(createModuleSymbols(() => { throw new Error('EACCES'); })(0xffffffffc0400004n)).toBeUndefined();
});
