import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeOutput, OutputRecord, RouteOutput } from '../../src/model/output.ts';
import { reduce } from '../../src/ui/reduce.ts';
import { initialState, type Action, type ViewState } from '../../src/ui/state.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { whyPaneLines } from '../../src/ui/why.ts';
import { anycast, hostile, loss, ready, redirect, refused, session, story } from '../report/records.ts';
import { buildDriver } from './build-driver.ts';
import { openTerminal, type TestTerminal } from './terminal.ts';

const start = initialState({ theme: createTheme({ LANG: 'C.UTF-8', NO_COLOR: '1' }), size: { columns: 80, rows: 24 }, recordingFile: undefined });
const after = (list: readonly OutputRecord[], ...actions: readonly Action[]): ViewState =>
  [{ kind: 'records', records: list } as const, ...actions].reduce<ViewState>(reduce, start);
const why: Action = { kind: 'why' };
const changed = (route: Partial<RouteOutput>): OutputRecord => ({ ...anycast, route: { ...anycast.route, ...route } });
const textOf = (state: ViewState): string => whyPaneLines(state, 80).map(line => line.map(({ text }) => text).join('').trim()).join(' ');
const asked = ({ why: view }: ViewState) => view?.state.kind === 'asking' ? view.state.request : undefined;

describe('what is asked', () => {
  test.each<[string, OutputRecord, string]>([
    ['of one address', changed({ dst: '192.0.2.4/32', family: 'ipv4' }), '192.0.2.4'],
    ['of a prefix', changed({ dst: '192.0.2.0/24', family: 'ipv4' }), '192.0.2.0/24'],
    ['of the default route', changed({ dst: '::/0' }), '::/0'],
    ['of an address of IPv6', changed({ dst: '2001:db8::1/128' }), '2001:db8::1'],
    ['of a prefix of 32 bits of IPv6', changed({ dst: '2001:db8::/32' }), '2001:db8::/32'],
    ['of a link-local address, with its device', changed({ dst: 'fe80::1/128', dev: 'eth0' }), 'fe80::1%eth0'],
    ['of a link-local prefix', changed({ dst: 'fe80::/64', dev: 'eth0' }), 'fe80::/64'],
    ['of a redirect', redirect, '203.0.113.7'],
  ])('%s', (_case, record, target) => {
    expect(asked(after([session, ready, record], why))?.target).toBe(target);
  });

  test('in the namespace and table of the route, with what was seen', () => {
    expect(asked(after([session, ready, anycast], why))).toStrictEqual({
      target: 'fdc0:3489:e0fd::', netns: { inode: 4026531840 }, table: { id: 1001, name: 'vrf1' }, changes: [anycast],
    });
  });

  test.each<[string, readonly OutputRecord[], string]>([
    ['lost events', [loss], 'Lost events have no destination'],
    ['a refused request without a route', [{ ...refused, route: undefined } as unknown as ChangeOutput], 'no destination'],
    ['a recording', [{ ...session, replayed: true }, ready, anycast], 'This is a recording of fw1: its kernel cannot be asked'],
  ])('nothing of %s, and it says so', (_case, list, words) => {
    const state = after(list, why);
    expect(asked(state)).toBeUndefined();
    expect(textOf(state)).toContain(words);
  });

  test('nothing where nothing is selected', () => {
    expect(after([session, ready], why).why).toBeUndefined();
  });

  test('a recording tells what was observed, and nothing else', () => {
    const text = textOf(after([{ ...session, replayed: true }, ready, anycast], why));
    expect(text).toContain('subnet-router anycast: sysctl[4242]');
    expect(text).toContain('routecause why fdc0:3489:e0fd:: --recording FILE');
    expect(text).not.toMatch(/\b(read|inferred)  /);
  });
});

describe('the answer', () => {
  const asking = after([session, ready, anycast], why);
  const problem = 'the namespace is gone\u001b[2J';
  const told = (number: number): Action => ({ kind: 'why-told', number, result: { problem, remedy: 'choose another' } });
  test('takes the place of the question', () => {
    expect(textOf(asking)).toBe('the kernel is being asked');
    expect(textOf(reduce(asking, told(asking.why?.number ?? -1)))).toBe('but       the namespace is gone\\x1b[2J. remedy    choose another');
  });
  test('to an earlier question is dropped', () => {
    const again = [why, why].reduce(reduce, asking);
    expect(textOf(reduce(again, told(asking.why?.number ?? -1)))).toBe('the kernel is being asked');
  });
  test('is dropped where the pane was closed', () => {
    const closed = reduce(asking, why);
    expect(reduce(closed, told(asking.why?.number ?? -1)).why).toBeUndefined();
  });
  test('does not come to a question that has its answer', () => {
    const number = asking.why?.number ?? -1;
    const other: Action = { kind: 'why-told', number, result: { problem: 'something else' } };
    expect(textOf([told(number), other].reduce(reduce, asking))).toContain('the namespace is gone');
  });
});

describe('the pane', () => {
  const opened = after(story, { kind: 'jump', to: 'first' }, why);
  test('stays while changes come in, and does not scroll away', () => {
    const more = reduce(opened, { kind: 'records', records: [{ ...anycast, id: 'x', origin: 'x' }] });
    expect(more.why).toBe(opened.why);
    expect(more.counts.changes).toBe(opened.counts.changes + 1);
  });
  test.each<[string, Action]>([['w', why], ['esc', { kind: 'cancel' }], ['a filter', { kind: 'filter' }]])('%s closes it, and the list is as it was', (_key, action) => {
    const closed = reduce(opened, action);
    expect(closed.why).toBeUndefined();
    expect(closed.selected).toStrictEqual(opened.selected);
  });
  test('help comes over it, and esc leads back', () => {
    const helped = reduce(opened, { kind: 'help' });
    expect(helped).toMatchObject({ isHelpOpen: true, why: opened.why });
    expect(reduce(helped, { kind: 'cancel' })).toMatchObject({ isHelpOpen: false, why: opened.why });
  });
});

const cache = new URL('../../node_modules/.cache/', import.meta.url).pathname;
let directory = '';
let driver = '';
beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  directory = mkdtempSync(join(cache, 'ui-why-'));
  driver = await buildDriver(directory);
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Rows made by hand; whoever is asked about them is this very kernel. */
function open(records: readonly OutputRecord[], columns = 80, rows = 24): TestTerminal {
  const file = join(directory, 'records.jsonl');
  writeFileSync(file, records.map(record => JSON.stringify(record)).join('\n'));
  return openTerminal(process.execPath, [driver, file], { columns, rows });
}
const here = { inode: statSync('/proc/self/ns/net').ino };
const loopback = changed({ dst: '127.0.0.1/32', family: 'ipv4', type: 'local', table: 255, tableName: 'local', netns: here });

describe('w in a real terminal', { timeout: 60_000 }, () => {
  test('80x24: asks this kernel, scrolls, goes back to the list', async () => {
    using terminal = open([session, ready, loopback]);
    await terminal.until((screen) => screen.includes('following  1/1') && screen.split('\n').at(-1)?.includes('w why') === true);
    terminal.press('w');
    await terminal.until(/^ read +127\.0\.0\.1 /m);
    expect(terminal.screen()).toMatch(/^── why 127\.0\.0\.1 ─+/m);
    await terminal.until('w back');
    terminal.press('jj');
    await terminal.until(/ 3-\d+ of \d+/);
    terminal.press('?');
    await terminal.until('why packets go there as they go now');
    terminal.press('?w');
    await terminal.until(/>. 12:03:04/);
  });

  test('a namespace that is gone: one sentence and what to do', async () => {
    using terminal = open([session, ready, changed({ netns: { inode: 1, name: 'gone\u001b]0;x\u0007' } })]);
    await terminal.until('following  1/1');
    terminal.press('w');
    await terminal.until(/^ but +network namespace gone[^]*^ remedy +choose a change/m);
    expect(terminal.title).toBe('');
  });

  test('a recording: its kernel is not there to be asked', async () => {
    using terminal = open([{ ...session, replayed: true }, ready, loopback, { ...hostile, route: { ...anycast.route, dst: '192.0.2.0/24', family: 'ipv4' } }]);
    await terminal.until(/2\/2/);
    terminal.press('w');
    await terminal.until(/its kernel\s+cannot be asked/);
    expect(terminal.screen()).not.toMatch(/^ (read|inferred) /m);
    terminal.press('wkw');
    await terminal.until(/why 127\.0\.0\.1 [^]*^ observed +2026-12-01/m);
  });

  test.each([[40, 10], [120, 30]])('%ix%i', async (columns, rows) => {
    using terminal = open([session, ready, loopback], columns, rows);
    await terminal.until('12:03:04');
    terminal.press('w');
    await terminal.until(/^ read +127\.0\.0\.1 /m);
    terminal.press('q');
    await terminal.until('left with 0');
  });
});
