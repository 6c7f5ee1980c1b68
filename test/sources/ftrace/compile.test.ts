import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lackingMembers, replayBtf } from '../../../fixtures/btf/replay.ts';
import { parseProbeFile } from '../../../src/sources/bpftrace/probe-file.ts';
import { definition } from '../../../src/sources/ftrace/definitions.ts';
import { BIRTHS, prepareScripts } from '../../../src/sources/ftrace/prepare.ts';

const scripts = readdirSync('probes').filter(name => name.endsWith('.bt')).sort()
  .map(name => parseProbeFile(name.slice(0, -3), readFileSync(`probes/${name}`, 'utf8')));
const kernels = readdirSync('fixtures/btf').filter(name => name.endsWith('.json'));

/** A kernel that a fixture was made of: node fixtures/btf/record.ts. */
const kernelOf = (file: string) => ({
  btf: replayBtf(JSON.parse(readFileSync(`fixtures/btf/${file}`, 'utf8')) as Record<string, unknown>),
  address: () => 0xffff_ffff_8100_0000n, given: [4_026_532_222n],
});

describe.each(kernels)('the probes on the kernel of fixtures/btf/%s', file => {
  const kernel = kernelOf(file);
  const absent = lackingMembers(scripts, kernel.btf);
  const { programs, refused } = prepareScripts([{ name: 'births', body: BIRTHS }, ...scripts.filter(({ name }) => !absent.includes(name))], kernel);

  test('can all be made into kprobe events', () => {
    expect([...refused]).toEqual([]);
  });

  test('ask for nothing that a function without a value returns', () => {
    const fetching = programs.filter(({ fetches }) => fetches.some(({ origin }) => origin.kind === 'returned'));
    expect(fetching.filter(({ target }) => kernel.btf.prototype(target)?.returns === 0)).toEqual([]);
    expect(fetching.map(({ target }) => target)).toContain('rtnetlink_rcv_msg');
  });

  test('become these events, filters and stacks', async () => {
    const text = programs.map(program => [
      `${program.script}: ${program.probe}:${program.target}`,
      ...program.probe === 'kprobe' || program.probe === 'kretprobe' ? [definition('g', 'e', program, 'kretprobe').replaceAll(' a', '\n    a')] : [],
      ...program.filter === '' ? [] : [`  filter ${program.filter}`], ...program.wantsStack ? ['  stack'] : [],
    ].join('\n  ')).join('\n\n');
    await expect(`${text}\n`).toMatchFileSnapshot(`goldens/${file.replace('.json', '.txt')}`);
  });

  test('stay within what the kernel takes: 128 fetch arguments, 4096 bytes of a definition, 63 of an argument', () => {
    for (const program of programs) {
      const line = definition('routecause_1234567_12345678901', 'e99', program, 'kretprobe');
      expect(program.fetches.length).toBeLessThanOrEqual(128);
      expect(line.length).toBeLessThan(4096);
      for (const part of line.split(' ').slice(2)) expect(part.replace(/^a\d+=/, '').length).toBeLessThanOrEqual(63);
    }
  });

  test('drop in the kernel what comes ten thousand times: other namespaces, requests with a port id, other work', () => {
    const filterOf = (target: string): (string | undefined)[] => programs.filter(program => program.target === target && program.probe === 'kprobe').map(program => program.filter);
    for (const target of ['rtnl_notify', 'fib_table_insert', 'fib_notify_alias_delete', 'mod_delayed_work_on']) expect(filterOf(target)).not.toContain('');
    expect(filterOf('rtnetlink_rcv_msg')).not.toContain('');
  });
});
