import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseNames, readRouteNames } from '../../src/host/names.ts';

describe('parseNames', () => {
  test.each([
    ['decimal', '254 main', [{ id: 254, name: 'main' }]],
    ['hexadecimal', '0xfe\tmain', [{ id: 254, name: 'main' }]],
    ['leading blanks', '  \t100 blue', [{ id: 100, name: 'blue' }]],
    ['comment behind', '100 blue # VRF of the customer', [{ id: 100, name: 'blue' }]],
    ['comment without blank', '100 blue#x', [{ id: 100, name: 'blue' }]],
    ['carriage return', '100 blue\r', [{ id: 100, name: 'blue' }]],
    ['table above 255', '4294967295 last', [{ id: 4294967295, name: 'last' }]],
    ['letters of other scripts', '7 süd', [{ id: 7, name: 'süd' }]],
  ])('reads an entry: %s', (_case, text, expected) => expect(parseNames(text)).toEqual(expected));

  test.each([
    ['comment', '# 254 main'], ['empty line', ''], ['number only', '254'], ['name only', 'main'], ['negative', '-1 main'],
    ['two names', '1 a b'], ['escape sequence', '1 a\u001b[31mred'], ['bidirectional override', '1 a\u202eb'], ['NUL', '1 a\0b'],
    ['not UTF-8', '1 a\ufffd'], ['endless name', `1 ${'x'.repeat(65)}`], ['too many digits', '12345678901 x'], ['hexadecimal too long', '0x123456789 x'],
  ])('leaves out: %s', (_case, text) => expect(parseNames(text)).toEqual([]));

  test('gives only printable names for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const { name } of parseNames(`1 ${text}`)) expect(name).not.toMatch(/[\p{C}\s]/u);
    }));
  });
});

describe('readRouteNames', () => {
  let root = '';
  const place = (name: string): string => join(root, name);
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'names-')); });
  afterEach(() => rmSync(root, { recursive: true }));

  test('takes the first place that has the file, and adds the fragments of all', () => {
    write('etc/rt_tables', '10 etc\n');
    write('usr/rt_tables', '10 usr\n11 hidden\n');
    write('usr/rt_protos', '186 bgp\n');
    write('usr/rt_tables.d/vendor.conf', '12 vendor\n13 vendor13\n');
    write('etc/rt_tables.d/local.conf', '13 local13\n');
    expect(readRouteNames([place('etc'), place('usr')])).toEqual([
      { of: 'table', id: '10', name: 'etc' }, { of: 'table', id: '12', name: 'vendor' }, { of: 'table', id: '13', name: 'local13' },
      { of: 'protocol', id: '186', name: 'bgp' },
    ]);
  });

  test('hides a fragment behind one of the same name in an earlier place, and ignores other suffixes', () => {
    write('etc/rt_tables.d/a.conf', '1 etc\n');
    write('usr/rt_tables.d/a.conf', '1 usr\n2 usr2\n');
    write('usr/rt_tables.d/README', '3 readme\n');
    expect(readRouteNames([place('etc'), place('usr')])).toEqual([{ of: 'table', id: '1', name: 'etc' }]);
  });

  test('leaves out protocols and scopes above 255, and lets the last of two entries hold', () => {
    write('etc/rt_protos', '256 big\n5 first\n5 last\n');
    write('etc/rt_scopes', '300 big\n');
    expect(readRouteNames([place('etc')])).toEqual([{ of: 'protocol', id: '5', name: 'last' }]);
  });

  test('gives nothing where there is nothing to read', () => {
    write('dir/rt_tables/not-a-file', '');
    write('locked/rt_tables', '1 x');
    chmodSync(join(root, 'locked'), 0);
    expect(readRouteNames([place('absent'), place('dir')])).toEqual([]);
    chmodSync(join(root, 'locked'), 0o700);
  });
});
