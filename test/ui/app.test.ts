import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { createElement } from 'react';
import { describe, expect, test } from 'vitest';
import type { OutputRecord, RouteFlagsOutput } from '../../src/model/output.ts';
import { App } from '../../src/ui/components/app.tsx';
import { reduce } from '../../src/ui/reduce.ts';
import { initialState, type Action, type ViewOptions } from '../../src/ui/state.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { anycast, hostile, ready, refused, session, silentDelete, story, unexplained } from '../report/records.ts';

const SMALL = { columns: 80, rows: 24 };
const WIDE = { columns: 160, rows: 40 };

interface Scene extends Partial<ViewOptions> { readonly records: readonly OutputRecord[]; readonly actions?: readonly Action[] }

function screen({ records, actions = [], ...options }: Scene): string {
  const start = initialState({ theme: createTheme({ LANG: 'C.UTF-8', NO_COLOR: '1' }), size: SMALL, ...options });
  const state = [{ kind: 'records', records } as const, ...actions].reduce<typeof start>(reduce, start);
  const drawn = renderToString(createElement(App, { state, onKey: () => undefined, hasInput: false }), { columns: state.size.columns });
  return stripVTControlCharacters(drawn).split('\n').map((row) => row.trimEnd()).join('\n');
}

const { change: _, rivals: __, silent: ___, ...rest } = silentDelete;
const first: Action = { kind: 'jump', to: 'first' };

describe('App', () => {
  test('80x24: what changed, who did it and what to do, without scrolling', async () => {
    const drawn = screen({ records: story, actions: [first] });
    for (const text of ['0 -> 1', 'sysctl -w net.ipv6.conf.all.forwarding=1', 'bash[4100]', 'RFC 6164', 'forwarding=0']) expect(drawn).toContain(text);
    await expect(drawn).toMatchFileSnapshot('goldens/incident-80x24.txt');
  });
  test('160x40: side by side, a group open, the stack shown', async () => {
    await expect(screen({ records: story, size: WIDE, actions: [first, { kind: 'toggle' }, { kind: 'stack' }] })).toMatchFileSnapshot('goldens/incident-160x40.txt');
  });
  test('80x24: unknown cause', async () => {
    await expect(screen({ records: story })).toMatchFileSnapshot('goldens/unknown-80x24.txt');
  });
  test('80x24: silent deletion with a rival and a caveat', async () => {
    await expect(screen({ records: story, actions: [first, { kind: 'move', by: 1 }] })).toMatchFileSnapshot('goldens/silent-80x24.txt');
  });
  test('80x24: a recording, and why', async () => {
    const notice = 'this host cannot be traced: the kernel has no kprobes; playing the recorded incident';
    const drawn = screen({ records: [{ ...session, replayed: true }, ...story.slice(1)], notice, recordingFile: 'incident.rec', actions: [first] });
    expect(drawn).toContain('RFC 6164');
    await expect(drawn).toMatchFileSnapshot('goldens/recording-80x24.txt');
  });
  test('80x24: nothing has happened yet', async () => {
    await expect(screen({ records: [{ ...session, tier: 'netlink', tierReason: 'not root' }, ready] })).toMatchFileSnapshot('goldens/waiting-80x24.txt');
  });
  test('80x24: help', async () => {
    await expect(screen({ records: story, actions: [{ kind: 'help' }] })).toMatchFileSnapshot('goldens/help-80x24.txt');
  });
  test('80x24: a refused request', async () => {
    const drawn = screen({ records: [...story, refused] });
    for (const text of ['\u00d71', 'ENETUNREACH', 'changes 4  caused 3']) expect(drawn).toContain(text);
    await expect(drawn).toMatchFileSnapshot('goldens/refused-80x24.txt');
  });
  test('80x24: the default route that goes in silence leads the flags that its device went with; all counts stand in one column', () => {
    const route = { ...silentDelete.route, dst: 'fe80::/64', family: 'ipv6' as const };
    const flags: RouteFlagsOutput = { ...rest, kind: 'route-flags', id: 'f', route, flags: ['linkdown'], change: 'set', headline: 'the leg over eth1 of fe80::/64 became linkdown' };
    const gone = { ...silentDelete, id: 'g', route: { ...silentDelete.route, dst: '0.0.0.0/0' }, headline: 'eth1 went down: 0.0.0.0/0 went with it' };
    const told = { ...silentDelete, id: 't', silent: false };
    const drawn = screen({ records: [session, ready, anycast, flags, told, silentDelete, told, gone, ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((id) => ({ ...told, id }))] });
    expect(drawn).toContain('main of 14 changes');
    expect(drawn).toMatch(/^ eth1 went down: 0\.0\.0\.0\/0 went with it$/m);
    const rows = drawn.split('\n').filter((row) => /^.\u25b8 /.test(row));
    expect(rows[1]).toMatch(/\*1 -11 -2! +likely +blue: eth1 went down: 0\./);
    expect(rows[1]?.indexOf('likely')).toBe(rows[0]?.indexOf('proved'));
    expect(screen({ records: [session, flags, gone], actions: [{ kind: 'filter' }, { kind: 'type', text: 'linkdown' }, { kind: 'accept' }] })).toContain('fe80::/64 became linkdown');
  });
  test.each([
    ['all namespaces', session, / likely  blue: eth1 went down/],
    ['one namespace', { ...session, netns: silentDelete.route.netns }, / likely  eth1 went down/],
  ])('a watch of %s names the namespace of a row where it has to', (_name, watched, row) => {
    expect(screen({ records: [watched, ready, silentDelete] })).toMatch(row);
  });
  test('a notice that has no room says where the rest is, and leaves the list the rows of a low terminal', () => {
    const notice = `This host cannot be traced: the kernel has no kprobes (remedy: ${'boot another one, '.repeat(12)}the end).`;
    expect(screen({ records: story, notice })).toMatch(/NOTICE  This host.*\n.*\u2026  \? has the rest\n/);
    expect(screen({ records: story, notice, size: { columns: 60, rows: 14 } })).toMatch(/NOTICE  This host.*\u2026  \? has the rest\n.*12:03/);
    expect(screen({ records: story, notice, size: { columns: 20, rows: 5 } })).not.toContain('NOTICE');
    expect(screen({ records: [{ ...session, replayed: true }, ...story.slice(1)], notice, size: { columns: 20, rows: 5 } })).toContain('RECORDING');
    expect(screen({ records: story, notice, size: { columns: 80, rows: 60 }, actions: [{ kind: 'help' }] })).toContain('the end).');
  });
  test.each([66, 67, 68, 69, 70, 71, 72, 73, 74])('%i columns: the counters do not run into what the list does', (columns) => {
    expect(screen({ records: story, size: { columns, rows: 24 } }).split('\n')[1]).toMatch(/(LOST 3|\u2026) +following {2}4\/4$/);
  });
  test('s without a stack says that there is none, and why', () => {
    const records = [{ ...session, tier: 'netlink' as const }, ready, unexplained];
    expect(screen({ records, size: WIDE })).not.toContain('stack ');
    expect(screen({ records, size: WIDE, actions: [{ kind: 'stack' }] })).toMatch(/stack {5}none: nothing is traced here/);
  });
  test('80x24: ASCII', () => {
    expect(screen({ records: [...story, unexplained, refused], theme: createTheme({}), actions: [first, { kind: 'toggle' }] })).toMatch(/^[ -~\n]*$/);
  });
  test('160x40: hostile and wide names leave every row as wide as the screen', async () => {
    const drawn = screen({ records: [...story, hostile, { ...anycast, id: 'w', origin: 'w', headline: '\u9b41'.repeat(200) }], size: WIDE, actions: [{ kind: 'move', by: -1 }] });
    expect(drawn.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    await expect(drawn).toMatchFileSnapshot('goldens/hostile-160x40.txt');
  });
  test.each([[1, 1], [10, 3], [20, 5], [40, 10], [119, 24], [120, 24], [300, 100]])('%ix%i: exactly as many rows as the terminal has', (columns, rows) => {
    const drawn = screen({ records: [...story, hostile], size: { columns, rows } });
    expect(drawn.split('\n').length).toBeLessThanOrEqual(rows);
  });
});
