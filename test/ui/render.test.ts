import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OutputRecord } from '../../src/model/output.ts';
import { anycast, hostile, redirect, session, story, summary } from '../report/records.ts';
import { buildDriver } from './build-driver.ts';
import { openTerminal, type TerminalOptions, type TestTerminal } from './terminal.ts';

/** Inside the project, so that the bundle finds its packages. */
const cache = new URL('../../node_modules/.cache/', import.meta.url).pathname;
let directory = '';
let driver = '';

beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  directory = mkdtempSync(join(cache, 'ui-'));
  driver = await buildDriver(directory);
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let count = 0;
function open(records: readonly OutputRecord[], options: Partial<TerminalOptions> = {}): TestTerminal {
  const file = join(directory, `${count += 1}.jsonl`);
  writeFileSync(file, records.map((record) => JSON.stringify(record)).join('\n'));
  return openTerminal(process.execPath, [driver, file], { columns: 80, rows: 24, ...options });
}
const isRestored = (terminal: TestTerminal) => [terminal.isAlternate, terminal.isCursorHidden];

describe('openUi', { timeout: 30_000 }, () => {
  test('80x24: the newest is selected; g shows the incident with actor and advice', async () => {
    using terminal = open(story);
    await terminal.until(/>. 12:03:12\.000 ~1/);
    expect([terminal.isAlternate, terminal.isCursorHidden]).toEqual([true, true]);
    terminal.press('g');
    await terminal.until('RFC 6164');
    for (const text of ['net.ipv6.conf.all.forwarding 0 -> 1', 'sysctl[4242]  uid 0 (root)', 'from bash[4100] < sshd[4001]', '2. until then']) expect(terminal.screen()).toContain(text);
    expect(terminal.screen().split('\n').at(-1)).toContain('q quit');
  });

  test('what was seen is summed up where the screen was', async () => {
    using terminal = open([...story, summary]);
    await terminal.until(/>. 12:03:12\.000 ~1/);
    terminal.press('q');
    await terminal.until('left with 0');
    expect(terminal.screen()).toMatch(/^4 changes: 3 caused, 1 unknown, 1 silent; 3 events lost\nleft with 0/m);
  });

  test('160x50: side by side', async () => {
    using terminal = open(story, { columns: 160, rows: 50 });
    await terminal.until('following  4/4');
    terminal.press('g\r');
    await terminal.until(/fe80::\/128 dev vrf2.*\u2502/);
    expect(terminal.screen()).toMatch(/^>. 12:03:04.*\u2502\u2500\u2500 detail/m);
    expect(terminal.screen()).toContain('https://www.rfc-editor.org');
  });

  test('an exception to the routes is shown like a change, under its own name', async () => {
    using terminal = open([...story, redirect], { columns: 160, rows: 50 });
    await terminal.until(/exception +redirect 203\.0\.113\.7\/32/);
    for (const text of ['^ redirect 203.0.113.7/32 via 192.0.2.3 dev eth0 netns blue', 'proved: a router sent a redirect', 'ICMP redirect from 192.0.2.1', 'exception: the routes are as before', 'expires 300s']) expect(terminal.screen()).toContain(text);
  });

  test('keys: move, open, scroll, filter, pause, help; also when several arrive at once', async () => {
    using terminal = open(story);
    await terminal.until('following  4/4');
    terminal.press('kkk');
    await terminal.until('not following  1/4');
    terminal.press('\x1b[C\x1b[B\x1b[B');
    await terminal.until('3/6');
    expect(terminal.screen()).toMatch(/^> *\u2514\u2500 \+ anycast fe80::\/128/m);
    terminal.press('JJJ');
    await terminal.until(/ 4-\d+ of /);
    terminal.press('/eth1 went\r');
    await terminal.until('filter "eth1 went"');
    expect(terminal.screen()).not.toContain('> 12:03:12.000 ~1');
    terminal.press('\x1b');
    await terminal.until((screen) => !screen.includes('filter "'));
    terminal.press(' ');
    await terminal.until('PAUSED, 0 held');
    terminal.press('p?');
    await terminal.until('this help, and back');
    terminal.press('?G');
    await terminal.until(/following  6\/6/);
  });

  test('resize leaves no artefacts', async () => {
    using terminal = open(story);
    await terminal.until('following  4/4');
    const sizes = [[160, 50], [70, 14], [120, 30], [200, 60], [80, 24]] as const;
    for (const [columns, rows] of sizes) {
      using fresh = open(story, { columns, rows });
      await fresh.until((screen) => screen.includes('following  4/4') && screen.split('\n').at(-1)?.includes('q quit') === true);
      terminal.resize(columns, rows);
      await terminal.until((screen) => screen === fresh.screen());
    }
  });

  test.each([['q', 'q'], ['ctrl-C', '\x03']])('%s gives the terminal back', async (_, key) => {
    using terminal = open(story);
    await terminal.until('following  4/4');
    terminal.press(key);
    await terminal.until('left with 0');
    expect((await terminal.exit).exitCode).toBe(0);
    expect(isRestored(terminal)).toEqual([false, false]);
    expect(terminal.screen().trim()).toBe('left with 0');
  });

  test('SIGTERM gives the terminal back', async () => {
    using terminal = open(story);
    await terminal.until('following  4/4');
    terminal.kill('SIGTERM');
    await terminal.until('left with 143');
    expect((await terminal.exit).exitCode).toBe(143);
    expect(isRestored(terminal)).toEqual([false, false]);
    expect(terminal.screen().trim()).toBe('left with 143');
  });

  test('a crash gives the terminal back, and its message can be read', async () => {
    using terminal = open(story);
    await terminal.until('following  4/4');
    terminal.kill('SIGUSR2');
    await terminal.until('driver failed on purpose');
    expect((await terminal.exit).exitCode).toBe(1);
    expect(isRestored(terminal)).toEqual([false, false]);
    expect(terminal.screen()).toContain('driver failed on purpose');
  });

  test('a record that cannot be drawn ends the view, not the terminal', async () => {
    using terminal = open([session, { ...anycast, steps: undefined } as unknown as OutputRecord]);
    await terminal.until('view failed');
    expect((await terminal.exit).exitCode).toBe(1);
    expect(isRestored(terminal)).toEqual([false, false]);
    expect(terminal.screen()).toContain('view failed');
  });

  test('a second q leaves a session that does not stop', async () => {
    using terminal = open(story, { env: { DRIVE_HANG: '1' } });
    await terminal.until('following  4/4');
    terminal.press('q');
    await terminal.until('stopping');
    terminal.press('q');
    await terminal.exit;
    expect(isRestored(terminal)).toEqual([false, false]);
    expect(terminal.screen()).toContain('gave the terminal back');
  });

  test('escape sequences in names and a 4 KiB command line do no harm', async () => {
    using terminal = open([...story, hostile, { ...hostile, id: 'c10', kind: 'route-change' }]);
    await terminal.until('\\x1b]0;pwn\\x07\\x1b[2J[666]');
    expect(terminal.title).not.toContain('pwn');
    expect(terminal.screen()).toContain('routecause  fw1');
    expect(terminal.screen()).toContain('RFC 6164');
    expect(terminal.screen()).not.toMatch(/[\u202a-\u202e]/);
    terminal.press('q');
    await terminal.exit;
    expect(isRestored(terminal)).toEqual([false, false]);
  });

  test.each([[40, 10], [20, 5]])('%ix%i: a notice leaves room for what happens', async (columns, rows) => {
    using terminal = open(story, { columns, rows, env: { DRIVE_NOTICE: 'This host cannot be traced. '.repeat(9) } });
    await terminal.until('12:03:12');
    expect(terminal.screen().split('\n').at(-1)).toContain('q quit');
    expect(terminal.screen()).not.toMatch(/^ .\u2026/m);
  });

  test('NO_COLOR and a locale without UTF-8 are respected; a notice stands in the banner', async () => {
    using terminal = open([{ ...session, replayed: true }, ...story.slice(1)], { env: { LANG: 'C', NO_COLOR: '1', DRIVE_NOTICE: 'not \x1b[31mroot', DRIVE_RECORDING: 'incident.rec' } });
    await terminal.until('RECORDING  incident.rec  of fw1');
    // A recording is read from its beginning.
    await terminal.until('not following');
    await terminal.until('not \\x1b[31mroot');
    expect(terminal.screen()).toMatch(/^[ -~\n]*$/);
  });
});
