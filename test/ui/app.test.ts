import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { createElement } from 'react';
import { describe, expect, test } from 'vitest';
import type { OutputRecord } from '../../src/model/output.ts';
import { App } from '../../src/ui/components/app.tsx';
import { reduce } from '../../src/ui/reduce.ts';
import { initialState, type Action, type ViewOptions } from '../../src/ui/state.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { anycast, hostile, ready, refused, session, story, unexplained } from '../report/records.ts';

const SMALL = { columns: 80, rows: 24 };
const WIDE = { columns: 160, rows: 40 };

interface Scene extends Partial<ViewOptions> { readonly records: readonly OutputRecord[]; readonly actions?: readonly Action[] }

function screen({ records, actions = [], ...options }: Scene): string {
  const start = initialState({ theme: createTheme({ LANG: 'C.UTF-8', NO_COLOR: '1' }), size: SMALL, ...options });
  const state = [{ kind: 'records', records } as const, ...actions].reduce<typeof start>(reduce, start);
  const drawn = renderToString(createElement(App, { state, onKey: () => undefined, hasInput: false }), { columns: state.size.columns });
  return stripVTControlCharacters(drawn).split('\n').map((row) => row.trimEnd()).join('\n');
}

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
