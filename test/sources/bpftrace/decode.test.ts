import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootTime } from '../../../src/model/time.ts';
import { bytesOfWords, decodeLine, decodeRecord, withoutCookie } from '../../../src/sources/bpftrace/decode.ts';
import { createLineSplitter } from '../../../src/sources/bpftrace/lines.ts';

const now = bootTime(99n);
const HEAD = 'call f 123 0 7 6';
const printf = (data: string): string => JSON.stringify({ type: 'printf', data });
/** A line as bpftrace writes it and the source reads it: bytes as Latin-1. */
const rawLine = (bytes: Uint8Array): string => `{"type": "printf", "data": "${Buffer.from(bytes).toString('latin1')}"}`;

describe('decodeRecord reads', () => {
  test('no cookie where the program prints something else in its place', () => {
    const record = decodeRecord(`${HEAD} netns=4026531992 cookie=4026531992 comm=ip`);
    expect(record && withoutCookie(record)).toEqual(decodeRecord(`${HEAD} netns=4026531992 comm=ip`));
    const tick = decodeRecord('tick tick 5 0');
    expect(tick && withoutCookie(tick)).toBe(tick);
  });

  test.each([
    ['a record without fields', HEAD, {}],
    ['numbers', `${HEAD} netns=4026531840 cookie=18446744073709551615 ret=-17`, { netns: 4026531840, cookie: 18446744073709551615n, ret: -17 }],
    ['words as the bytes in memory', `${HEAD} addr=1,fe00000000000000`, { addr: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe) }],
    ['text to the end of the record', `${HEAD} netns=1 comm=tmux: server\n`, { netns: 1, comm: 'tmux: server' }],
    ['an empty text', `${HEAD} comm=\n`, { comm: '' }],
    ['the value of a sysctl with its newline', `${HEAD} old=0 value=1\n\n`, { old: 0, value: '1\n' }],
    ['double blanks between fields', `${HEAD}  netns=1  table=254`, { netns: 1, table: 254 }],
  ])('%s', (_case, text, fields) => {
    expect(decodeRecord(text)).toEqual({ kind: 'probe', source: 'bpftrace', type: 'call', fn: 'f', time: 123n, cpu: 0, tid: 7, pid: 6, fields });
  });

  test.each([
    [' fn=evil'], [' pid=1 start=5 comm=root'], [' msg=0,0'], ['\nexec sched_process_exec 1 0 1 1 start=1 comm=init'], ['"quote\\'], ['=a=b='], ['\t\u007f\u001b[2J'],
  ])('a process called %j as its name and nothing else', (comm) => {
    const line = printf(`${HEAD} netns=1 comm=${comm}\n`);
    expect(decodeLine(line, now)).toEqual({
      kind: 'observation',
      observation: { kind: 'probe', source: 'bpftrace', type: 'call', fn: 'f', time: 123n, cpu: 0, tid: 7, pid: 6, fields: { netns: 1, comm } },
    });
  });

  test('a name in UTF-8 whole, and one that is not UTF-8 with its bad bytes replaced', () => {
    const good = rawLine(new TextEncoder().encode(`${HEAD} comm=müller\\n`));
    const bad = rawLine(Uint8Array.from([...new TextEncoder().encode(`${HEAD} comm=m`), 0xff, 0xc3]));
    expect(decodeLine(good, now)).toMatchObject({ observation: { fields: { comm: 'müller' } } });
    expect(decodeLine(bad, now)).toMatchObject({ observation: { fields: { comm: expect.stringMatching(/^m\ufffd+$/) } } });
  });

  test.each([
    ['tick', 'tick tick 5000 3\n', { kind: 'tick', source: 'bpftrace', time: 5000n, cpu: 3 }],
    ['a stack that could not be walked', 'stack rtnl_notify 5 1 4\n\n', { kind: 'stack', source: 'bpftrace', time: 5n, cpu: 1, id: 4n, frames: [] }],
  ])('%s', (_case, text, expected) => expect(decodeRecord(text)).toEqual(expected));
});

describe('decodeRecord refuses', () => {
  test.each([
    ['nothing', ''], ['words', 'hello world'], ['an unknown type of record', 'boom f 1 0 7 6'], ['no thread', 'call f 1 0'], ['no process', 'call f 1 0 7'],
    ['a stack without a number', 'stack f 1 0\n f+1\n'], ['an unknown field', `${HEAD} hostname=x`], ['a field of Object.prototype', `${HEAD} constructor=1`],
    ['__proto__', `${HEAD} __proto__=1`], ['a field cut before its equals sign', `${HEAD} netns`], ['a field cut after it', `${HEAD} netns=`],
    ['a word where a number belongs', `${HEAD} netns=0x1f`], ['a number that a double cannot hold', `${HEAD} netns=9007199254740993`],
    ['a number of more than 64 bits', `${HEAD} cookie=184467440737095516150`], ['a negative pointer', `${HEAD} object=-1`],
    ['a word of more than 64 bits', `${HEAD} addr=11112222333344445`], ['an empty word', `${HEAD} addr=1,,2`], ['words cut after a comma', `${HEAD} addr=1,`],
    ['bytes that are no hexadecimal digits', `${HEAD} arglen=4 argv=zz 00`],
  ])('%s', (_case, text) => expect(decodeRecord(text)).toBeUndefined());

  test('more words than any message has', () => {
    expect(bytesOfWords(Array.from({ length: 65 }, () => '0').join(','))).toBeUndefined();
  });
});

describe('decodeLine', () => {
  test.each([
    ['a loss', '{"type": "lost_events", "data": {"events": 12}}', { kind: 'lost', count: 12 }],
    ['a loss of the newer shape', '{"type": "lost_events", "data": {"count": 2, "events": 12}}', { kind: 'lost', count: 12 }],
    ['a loss without a count', '{"type": "lost_events"}', { kind: 'lost', count: 0 }],
    ['attaching', '{"type": "attached_probes", "data": {"probes": 20}}', { kind: 'attached' }],
    ['an empty line', '', undefined],
    ['a map', '{"type": "map", "data": {"@x": 1}}', undefined],
    ['null', 'null', undefined],
    ['a number', '7', undefined],
    ['printf of something else', '{"type": "printf", "data": 7}', undefined],
  ])('tells %s', (_case, line, expected) => expect(decodeLine(line, now)).toEqual(expected));

  test.each([['half a line', '{"type": "printf", "da'], ['a record that makes no sense', printf('Attaching 3 probes...\n')]])('keeps a sample of %s', (_case, line) => {
    expect(decodeLine(line, now)).toEqual({ kind: 'observation', observation: { kind: 'undecodable', source: 'bpftrace', time: 99n, sample: line } });
  });

  test('keeps at most 200 characters of what makes no sense', () => {
    const decoded = decodeLine('x'.repeat(10_000), now);
    expect(decoded).toMatchObject({ observation: { sample: 'x'.repeat(200) } });
  });

  test('never throws, on any line', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.string().map(printf)), (line) => { decodeLine(line, now); }));
  });

  test('never throws on a record that was cut or bent anywhere', () => {
    const records = fc.constantFrom(`${HEAD} netns=1 cookie=3 msglen=5 msg=1,2,3 comm=a b\n`, 'stack f 1 0 3\n  f+1\n  g@x.c:3\n',
      'argv sched_process_exec 1 0 7 7 arglen=9 offset=0 argv=2f 62,69 6e\n', 'tick tick 1 2\n');
    fc.assert(fc.property(records, fc.nat(80), fc.nat(80), fc.string({ maxLength: 4 }), (text, from, to, noise) => {
      decodeLine(printf(text.slice(0, from) + noise + text.slice(to)), now);
    }), { numRuns: 2000 });
  });

  test('gives back whatever a process calls itself', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (comm) => {
      const line = Buffer.from(printf(`${HEAD} netns=1 comm=${comm}\n`), 'utf8').toString('latin1');
      const decoded = decodeLine(line, now);
      expect(decoded).toMatchObject({ kind: 'observation', observation: { pid: 6, fields: { netns: 1, comm } } });
    }));
  });
});

describe('frames of a stack', () => {
  test.each([
    ['+offset', 'inet6_rt_notify+121', 'inet6_rt_notify'], ['[inlined]', '[inlined] fib_disable_ip+4@net/ipv4/fib.c:33', 'fib_disable_ip'],
    ['@file', 'rtnl_notify@net/core/rtnetlink.c:712', 'rtnl_notify'], ['clones of the compiler kept', 'addrconf_ifdown.isra.0+55', 'addrconf_ifdown.isra.0'],
    ['module names', 'vrf_add_slave+10 [vrf]', 'vrf_add_slave'], ['(module)', 'vrf_add_slave(vrf)', 'vrf_add_slave'], ['addresses kept', '0xffffffffc0a0', '0xffffffffc0a0'],
  ])('lose what is no name: %s', (_case, frame, expected) => {
    expect(decodeRecord(`stack f 1 0 9\n\n        ${frame}\n        do_syscall_64+9\n\n`)).toMatchObject({ id: 9n, frames: [expected, 'do_syscall_64'] });
  });
});

describe('the argument area', () => {
  const argv = (arglen: string, offset: number, bytes: string): Uint8Array | undefined => {
    const record = decodeRecord(`argv sched_process_exec 1 0 7 7 ${arglen}offset=${offset} argv=${bytes}\n`);
    return record?.kind === 'probe' ? record.fields.argv : undefined;
  };
  test.each([
    ['ends where the arguments end, before PATH=...', 'arglen=3 ', 0, '6c 73 00 50 41 54 48', [0x6c, 0x73, 0]],
    ['is empty beyond the arguments', 'arglen=3 ', 192, '50 41 54 48', []],
    ['is empty where the length is not known', '', 0, '50 41', []],
    ['is whole where the arguments go on', 'arglen=900 ', 0, '6c 73', [0x6c, 0x73]],
    ['is cut within a later chunk', 'arglen=194 ', 192, '61 00 50', [0x61, 0]],
    ['is joined from several buffers', 'arglen=900 ', 0, '6c 73,2d 6c,', [0x6c, 0x73, 0x2d, 0x6c]],
  ])('%s', (_case, arglen, offset, bytes, expected) => expect([...argv(arglen, offset, bytes) ?? [-1]]).toEqual(expected));

  test('never holds more than the arguments', () => {
    fc.assert(fc.property(fc.nat(700), fc.nat(700), fc.uint8Array({ maxLength: 192 }), (arglen, offset, bytes) => {
      const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(' ');
      expect(argv(`arglen=${arglen} `, offset, hex)?.length).toBeLessThanOrEqual(Math.max(0, arglen - offset));
    }));
  });
});

describe('lines', () => {
  test('do not depend on where chunks break', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme-ascii' }).map(text => text.replaceAll('\n', ''))), fc.array(fc.nat(40)), (lines, cuts) => {
      const text = lines.map(line => `${line}\n`).join('');
      const splitter = createLineSplitter();
      const got: string[] = [];
      let from = 0;
      for (const cut of cuts) { got.push(...splitter.push(text.slice(from, from + cut))); from += cut; }
      got.push(...splitter.push(text.slice(from)));
      expect([...got, splitter.rest()]).toEqual([...lines, '']);
    }));
  });

  test('keep what has no end yet', () => {
    const splitter = createLineSplitter();
    expect([splitter.push('a\nb'), splitter.rest(), splitter.push('c\n'), splitter.rest()]).toEqual([['a'], 'b', ['bc'], '']);
  });

  test('are cut rather than fill the memory', () => {
    const splitter = createLineSplitter(10);
    for (let i = 0; i < 1000; i++) { splitter.push('xxxxx'); expect(splitter.rest().length).toBeLessThanOrEqual(10); }
  });
});
