import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { doctorText } from '../../src/cli/doctor.ts';
import { readProbes } from '../../src/cli/places.ts';
import { ALL_CAUSES } from '../../src/causes/index.ts';
import { coverageOf } from '../../src/host/coverage.ts';
import { tiersOf } from '../../src/host/tiers.ts';
import { ROOT } from '../source-tree.ts';
import { decodeFacts, encodeFacts } from './facts-file.ts';

const folder = join(ROOT, 'fixtures/hosts');
const NO_KPROBES = /has no kprobes/;

/** Of each situation of fixtures/hosts/record.sh: what keeps bpftrace from working there, with the remedy; nothing: it works. */
const EXPECTED: Readonly<Record<string, readonly (readonly [problem: RegExp, remedy: RegExp])[]>> = {
  'as-it-is': [], 'no-kprobes-but-fentry': [], 'no-setpriv': [], 'pid-namespace': [], 'lockdown-integrity': [],
  'no-root': [[/^tracing needs root$/, /sudo/]],
  'no-bpftrace': [[/^bpftrace is not installed$/, /apt-get install bpftrace/]],
  'old-bpftrace': [[/^bpftrace 0\.11\.3 is too old$/, /0\.17 or newer/]],
  'user-namespace': [[/root of a user namespace only/, /on the host as root/]],
  'no-admin': [[/lacks CAP_SYS_ADMIN/, /outside of the container/]],
  'no-btf': [[/no BTF/, /CONFIG_DEBUG_INFO_BTF/]],
  'hidden-symbols': [[/hides its symbols/, /kptr_restrict/]],
  'tracefs-unmounted': [[/^tracefs is not mounted$/, /^mount -t tracefs nodev \/sys\/kernel\/tracing$/]],
  'lockdown-confidentiality': [[/locked down \(confidentiality\)/, /lockdown=integrity/]],
  'kprobes-disarmed': [[/switched off/, /kprobes\/enabled/]],
};

/** Situations in which nothing that asks for a function, or for a structure, can be armed. */
const UNKNOWN_KERNEL = ['hidden-symbols', 'no-btf'];
/** Causes that a kernel of the lab cannot prove; every other one: all can be. */
const BLIND: Readonly<Record<string, readonly string[]>> = { '5.10': ['icmp-redirect', 'path-mtu'] };

describe.each(readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name))('on %s', host => {
  const noKprobes = host.includes('without-kprobes') ? [[NO_KPROBES, /CONFIG_KPROBES/] as const] : [];

  test.each(readdirSync(join(folder, host)).map(file => file.replace('.json', '')))('%s: doctor says what is in the way, a sentence and a remedy each', situation => {
    const facts = decodeFacts(readFileSync(join(folder, host, `${situation}.json`), 'utf8'));
    expect(decodeFacts(encodeFacts(facts))).toStrictEqual(facts);
    const tiers = tiersOf(facts);
    const findings = tiers.find(({ tier }) => tier === 'bpftrace')?.findings ?? [];
    // The most important one comes first; a machine that has no kprobes at all says so besides.
    expect(Object.keys(EXPECTED)).toContain(situation);
    const expected = [...EXPECTED[situation] ?? [], ...noKprobes];
    expect(findings).toHaveLength(expected.length);
    for (const [problem, remedy] of expected) expect(findings).toContainEqual({ problem: expect.stringMatching(problem), remedy: expect.stringMatching(remedy) });
    const page = doctorText({ facts, tiers, coverage: coverageOf(facts, readProbes(), ALL_CAUSES) });
    for (const { problem, remedy } of findings) expect(page).toContain(`  problem  ${problem}\n  remedy   ${remedy}\n`);
    const blind = coverageOf(facts, readProbes(), ALL_CAUSES).blind.map(({ cause }) => cause);
    // Facts that were recorded before a script asked for more would say that it is missing.
    if (noKprobes.length === 0 && !UNKNOWN_KERNEL.includes(situation)) expect(blind).toStrictEqual(BLIND[host] ?? []);
    else expect(blind.length).toBeGreaterThan(30);
    expect(page).toContain(findings.length === 0 ? 'bpftrace   works: ' : 'bpftrace   does not work here\n');
    expect(page).toContain('netlink    works: ');
  });
});

test('every situation is there, from some host', () => {
  const recorded = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).flatMap(({ name }) => readdirSync(join(folder, name)));
  expect(Object.keys(EXPECTED).filter(situation => !recorded.includes(`${situation}.json`))).toStrictEqual([]);
});

test('README.md shows what doctor says of the lab\'s machine', () => {
  const facts = decodeFacts(readFileSync(join(folder, '6.1/as-it-is.json'), 'utf8'));
  const page = doctorText({ facts, tiers: tiersOf(facts), coverage: coverageOf(facts, readProbes(), ALL_CAUSES) }, 'router advertisements and redirects are heard, too');
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(page);
});
