import { describe, expect, test } from 'vitest';
import { ALL_CAUSES } from '../../src/causes/index.ts';
import { doctorText } from '../../src/cli/doctor.ts';
import { readProbes } from '../../src/cli/places.ts';
import { coverageOf, refusalNotice, wantedBy } from '../../src/host/coverage.ts';
import { diagnose, diagnoseFtrace } from '../../src/host/diagnosis.ts';
import { tiersOf } from '../../src/host/tiers.ts';
import type { HostFacts, Prototype } from '../../src/model/host.ts';

const probes = readProbes();
const wanted = wantedBy(probes);
const everyFunction: ReadonlySet<string> = new Set([...wanted.functions, ...wanted.symbols]);
const typesOf = (): Set<string> => new Set(probes.flatMap(probe => probe.requires).filter(text => text.startsWith('struct ')).map(text => text.slice('struct '.length)));

/** Those that stand in for none: all that can be armed where there is everything. */
const firstChoices = probes.filter(probe => probe.replaces.length === 0);

/** A Debian 12 router, as root: all is there. */
const ROUTER: HostFacts = {
  hostname: 'fw1', kernel: '6.1.0-18-amd64', machine: 'x64', cpus: 4, uid: 0, capabilities: 0x1ff_ffff_ffffn, lockdown: 'none',
  kprobes: true, tracefs: '/sys/kernel/tracing', functions: everyFunction, tracepoints: wanted.tracepoints, types: typesOf(),
  bpftrace: { version: '0.17.0', major: 0, minor: 17 }, setpriv: true,
};

/** Nor the functions that scripts need which could replace `name`. */
const withoutStandIns = (functions: ReadonlySet<string>, name: string): Set<string> => {
  const standIns = probes.filter(probe => probe.replaces.includes(name)).flatMap(probe => probe.requires);
  return new Set([...functions].filter(fn => !standIns.includes(`kprobe:${fn}`)));
};

const without = (facts: HostFacts, ...keys: readonly (keyof HostFacts)[]): HostFacts => {
  const gone: readonly string[] = keys;
  return Object.fromEntries(Object.entries(facts).filter(([key]) => !gone.includes(key))) as unknown as HostFacts;
};

describe('diagnose', () => {
  test.each<[string, HostFacts]>([
    ['a router with all it needs', ROUTER],
    ['a newer bpftrace', { ...ROUTER, bpftrace: { version: '0.27.0', major: 0, minor: 27 } }],
    ['bpftrace 1.0', { ...ROUTER, bpftrace: { version: '1.0.0', major: 1, minor: 0 } }],
    ['lockdown=integrity', { ...ROUTER, lockdown: 'integrity' }],
    ['a kernel without lockdown', without(ROUTER, 'lockdown')],
    ['a privileged container', { ...ROUTER, container: 'docker' }],
    ['no setpriv', { ...ROUTER, setpriv: false }],
  ])('finds nothing wrong with %s', (_case, facts) => {
    expect(diagnose(facts)).toStrictEqual([]);
  });

  test.each<[string, HostFacts, RegExp, RegExp]>([
    ['not root', { ...without(ROUTER, 'functions', 'tracefs'), uid: 1000, capabilities: 0n }, /needs root/, /sudo/],
    ['no bpftrace', without(ROUTER, 'bpftrace'), /bpftrace is not installed/, /apt-get install bpftrace/],
    ['an old bpftrace', { ...ROUTER, bpftrace: { version: '0.14.0', major: 0, minor: 14 } }, /bpftrace 0\.14\.0 is too old/, /0\.17 or newer/],
    ['no BTF', without(ROUTER, 'types'), /BTF/, /CONFIG_DEBUG_INFO_BTF/],
    ['no kprobes', { ...without(ROUTER, 'tracefs'), kprobes: false }, /no kprobes/, /CONFIG_KPROBES/],
    ['kprobes refused by lockdown', { ...ROUTER, lockdown: 'confidentiality' }, /locked down/, /lockdown=integrity/],
    ['a container without CAP_SYS_ADMIN', { ...ROUTER, capabilities: 0xa80425fbn, container: 'docker' }, /CAP_SYS_ADMIN \(docker container\)/, /outside of the container/],
    ['tracefs not mounted', without(ROUTER, 'tracefs'), /tracefs is not mounted/, /mount -t tracefs/],
    ['hidden symbols', without(ROUTER, 'functions'), /hides its symbols/, /kptr_restrict/],
  ])('%s: one finding with its remedy', (_case, facts, problem, remedy) => {
    const findings = diagnose(facts);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.problem).toMatch(problem);
    expect(findings[0]?.remedy).toMatch(remedy);
  });

  test('names all that is wrong, what matters most first', () => {
    const findings = diagnose({ ...without(ROUTER, 'bpftrace', 'types'), uid: 1000 });
    expect(findings.map(finding => finding.problem)).toStrictEqual([
      'tracing needs root', expect.stringContaining('BTF'), 'bpftrace is not installed',
    ]);
  });

  test('says nothing that needs a second line', () => {
    for (const { problem, remedy } of diagnose({ ...without(ROUTER, 'bpftrace', 'types', 'functions', 'tracefs'), capabilities: 0n, lockdown: 'confidentiality' })) {
      expect(`${problem}${remedy}`).not.toMatch(/\n|\.$/);
    }
  });
});

describe('coverageOf', () => {
  test('arms everything where everything is there', () => {
    const coverage = coverageOf(ROUTER, probes, ALL_CAUSES);
    expect(coverage).toMatchObject({ armed: firstChoices.map(probe => probe.name), replaced: [], blind: [] });
    expect([...coverage.missing]).toStrictEqual([]);
  });

  test('of a kernel that does not do what some scripts tell, those are neither armed nor missing', () => {
    const some = probes.filter(probe => probe.applies.length > 0);
    const gone = new Set(some.flatMap(probe => probe.applies.map(feature => feature.replace('kallsyms:', ''))));
    const coverage = coverageOf({ ...ROUTER, functions: new Set([...everyFunction].filter(fn => !gone.has(fn))) }, probes, ALL_CAUSES);
    expect(some.map(probe => probe.name)).toEqual(['fib_table_flush', 'netdev_work_proc', 'netdev_work_sched', 'netif_change_flags']);
    expect(coverage).toMatchObject({ armed: firstChoices.filter(probe => !some.includes(probe)).map(probe => probe.name), blind: [] });
    expect([...coverage.missing]).toStrictEqual([]);
  });

  test.each(firstChoices.filter(probe => probe.requires.length > 0).map(probe => [probe.name, probe] as const))('without what %s needs, it is missing and its causes are blind', (name, probe) => {
    for (const requirement of probe.requires) {
      const [, kind = '', feature = ''] = /^(kprobe:|kallsyms:|tracepoint:|struct )(.+)$/.exec(requirement) ?? [];
      const rest = (set: ReadonlySet<string> | undefined): Set<string> => new Set([...set ?? []].filter(entry => entry !== feature));
      const facts: HostFacts = {
        ...ROUTER,
        ...(kind === 'struct ' ? { types: rest(ROUTER.types) } : kind === 'tracepoint:' ? { tracepoints: rest(ROUTER.tracepoints) } : { functions: withoutStandIns(rest(ROUTER.functions), name) }),
      };
      const coverage = coverageOf(facts, probes, ALL_CAUSES);
      expect(coverage.missing.get(name)).toContain(requirement);
      expect(coverage.armed).not.toContain(name);
      const blind = coverage.blind.map(({ cause }) => cause);
      for (const cause of ALL_CAUSES) {
        expect(blind.includes(cause.id), `${cause.id} without ${requirement}`).toBe(cause.probes.some(needed => coverage.missing.has(needed)));
      }
    }
  });

  test.each([
    ['the newest kernel', [], 'unregister_netdevice_many_notify'],
    ['one before 6.1', ['unregister_netdevice_many_notify', 'rollback_registered_many'], 'unregister_netdevice_many'],
    ['one before 5.12', ['unregister_netdevice_many_notify'], 'rollback_registered_many'],
    ['one that has none of them', ['unregister_netdevice_many_notify', 'rollback_registered_many', 'unregister_netdevice_many'], undefined],
  ])('%s arms one probe for the removal of devices', (_kernel, absent, by) => {
    const plan = ['unregister_netdevice_many_notify', 'rollback_registered_many', 'unregister_netdevice_many'];
    const functions = new Set([...everyFunction].filter(name => !absent.includes(name)));
    const { armed, replaced, missing, blind } = coverageOf({ ...ROUTER, functions }, probes, ALL_CAUSES);
    expect(armed.filter(name => plan.includes(name))).toStrictEqual(by === undefined ? [] : [by]);
    expect(replaced).toStrictEqual(by === undefined || by === plan[0] ? [] : [{ probe: plan[0], by }]);
    expect([...missing.keys()]).toStrictEqual(by === undefined ? [plan[0]] : []);
    expect(blind.map(({ cause }) => cause)).toStrictEqual(by === undefined ? ['device-removed'] : []);
  });

  test('what the kernel refuses is blind, unless something stands in for it, and both are said', () => {
    const first = coverageOf(ROUTER, probes, ALL_CAUSES, new Map([['unregister_netdevice_many_notify', 'kprobe:unregister_netdevice_many_notify (refused: EINVAL)']]));
    expect(first.armed).not.toContain('unregister_netdevice_many_notify');
    expect(first.replaced).toStrictEqual([{ probe: 'unregister_netdevice_many_notify', by: 'rollback_registered_many' }]);
    expect(first.blind).toStrictEqual([]);
    expect(refusalNotice(first)).toBe('This kernel refuses the probe kprobe:unregister_netdevice_many_notify (refused: EINVAL): rollback_registered_many stands in for it.');
    const second = coverageOf(ROUTER, probes, ALL_CAUSES, new Map([['dev_forward_change', 'kprobe:dev_forward_change (refused: EBUSY)']]));
    expect(second.blind).toStrictEqual(ALL_CAUSES.filter(cause => cause.probes.includes('dev_forward_change')).map(({ id }) => ({ cause: id, missing: ['kprobe:dev_forward_change (refused: EBUSY)'] })));
    expect(second.blind.length).toBeGreaterThan(0);
    expect(refusalNotice(second)).toContain(`not to be proved here: ${second.blind.map(({ cause }) => cause).join(', ')}.`);
    expect(refusalNotice(coverageOf(ROUTER, probes, ALL_CAUSES))).toBeUndefined();
  });

  test('where kprobes are missing and fentry is not, what BTF knows is armed all the same', () => {
    const prototypes = new Map<string, Prototype>([...everyFunction].map(name => [name, { parameters: ['a', 'b'], returns: true }]));
    const facts: HostFacts = { ...ROUTER, kprobes: false, fentry: { word: 'fentry', prototypes } };
    expect(diagnose(facts)).toStrictEqual([]);
    expect(diagnoseFtrace(facts).map(finding => finding.problem)).toStrictEqual([expect.stringContaining('no kprobes')]);
    expect(coverageOf(facts, probes, ALL_CAUSES)).toMatchObject({ armed: firstChoices.map(probe => probe.name), blind: [] });
    prototypes.set('fib_table_insert', { parameters: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], returns: true });
    prototypes.delete('rtnl_notify');
    expect([...coverageOf(facts, probes, []).missing.keys()]).toStrictEqual(['fib_table_insert', 'rtnl_notify']);
    expect(coverageOf({ ...facts, fentry: false }, probes, []).armed).not.toContain('fib_table_insert');
  });

  test('refused kprobes leave the tracepoints and the tick', () => {
    const { armed } = coverageOf({ ...ROUTER, kprobes: false }, probes, ALL_CAUSES);
    expect(armed.filter(name => probes.find(probe => probe.name === name)?.requires.some(text => text.startsWith('kprobe:')))).toStrictEqual([]);
    expect(armed).toContain('tick');
  });
});

describe('doctorText', () => {
  const text = (facts: HostFacts): string => doctorText({ facts, tiers: tiersOf(facts), coverage: coverageOf(facts, probes, ALL_CAUSES) });

  const whole = (facts: HostFacts): HostFacts => ({ ...facts, functions: new Set([...everyFunction].filter(name => name !== 'kretprobe_trampoline')) });

  test('of one whose kernel cuts stacks at return probes: not every verdict can be proved', () => {
    const note = '  note     stacks end at return probes before Linux 5.16: ';
    expect(text(ROUTER)).toContain('tracing    works, but not every verdict can be proved\n');
    expect(text(ROUTER)).toContain(note);
    expect(text(whole(ROUTER))).not.toContain(note);
  });

  test('of a router with all it needs', () => {
    const { armed } = coverageOf(whole(ROUTER), probes, ALL_CAUSES);
    expect(text(whole(ROUTER))).toBe([
      'host       fw1, kernel 6.1.0-18-amd64, x64, 4 CPUs',
      'bpftrace   0.17.0',
      'tracing    works: every verdict can be proved',
      'bpftrace   works: root, kprobes, BTF and bpftrace are there',
      'ftrace     works: root, kprobe events and BTF are there',
      'netlink    works: it needs no tracing and no root',
      `probes     ${armed.length} of ${armed.length} can be armed`,
      '',
    ].join('\n'));
  });

  test('of one that lacks a function: which probe, and which causes stay unproved', () => {
    const functions = new Set([...everyFunction].filter(name => name !== 'ip_rt_ioctl'));
    expect(text({ ...ROUTER, functions })).toContain('  missing  ip_rt_ioctl: needs kprobe:ip_rt_ioctl\n  blind    cause route-ioctl cannot be proved without kprobe:ip_rt_ioctl\n');
  });

  test('of one without setpriv', () => {
    expect(text({ ...ROUTER, setpriv: false })).toContain('note     setpriv (util-linux) is missing');
  });

  test('lets no control character of a host name through', () => {
    expect(text({ ...ROUTER, hostname: 'fw1\x1b[31m' })).not.toContain('\x1b');
  });
});
