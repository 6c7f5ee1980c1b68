import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeObservation, encodeObservation } from '../../src/recording/codec.ts';
import { BY_KIND } from './arbitraries.ts';

describe('encodeObservation, decodeObservation', () => {
  test.each(Object.entries(BY_KIND))('%s survives exactly, on one line', (_kind, arbitrary) => {
    fc.assert(fc.property(arbitrary, (observation) => {
      const line = encodeObservation(observation);
      expect(line).not.toContain('\n');
      expect(decodeObservation(line)).toStrictEqual({ kind: 'observation', observation: withPlainPrototype(observation) });
    }), { numRuns: 300 });
  });

  test('survives UTF-8', () => {
    fc.assert(fc.property(BY_KIND.undecodable, (observation) => {
      const line = Buffer.from(encodeObservation(observation)).toString('utf8');
      expect(decodeObservation(line)).toMatchObject({ observation: { sample: observation.sample } });
    }));
  });

  test('passes over keys and fields of a newer minor version', () => {
    const line = '{"kind":"probe","time":"1","source":"host","type":"call","fn":"f","cpu":0,"tid":1,"pid":1,"fields":{"new":1,"seq":2},"more":[]}';
    expect(decodeObservation(line)).toMatchObject({ kind: 'observation', observation: { fields: { seq: 2 } } });
  });

  const tick = (time: string, rest = ''): string => `{"kind":"tick","time":${time},"source":"host","cpu":0${rest}}`;
  test.each([
    ['nothing', ''], ['no JSON', '{'], ['null', 'null'], ['an array', '[]'], ['a number', '1'],
    ['no kind', '{"time":"1"}'], ['unknown kind', '{"kind":"nonsense"}'], ['kind of the prototype', '{"kind":"constructor"}'],
    ['kind that is no string', '{"kind":["tick"]}'], ['missing key', '{"kind":"tick","time":"1","source":"host"}'],
    ['time as number', tick('1')], ['time not decimal', tick('"0x10"')], ['time with space', tick('" 1"')],
    ['empty time', tick('""')], ['time of a million digits', tick(`"${'9'.repeat(1_000_000)}"`)],
    ['unknown source', '{"kind":"ready","time":"1","source":"toString"}'],
    ['null for absent', '{"kind":"lost","time":"1","source":"host","since":"1","count":null,"what":""}'],
    ['number beyond all bounds', '{"kind":"tick","time":"1","source":"host","cpu":1e999}'],
    ['odd hexadecimal', '{"kind":"netlink","time":"1","source":"host","netns":{"inode":1},"dump":true,"bytes":"abc"}'],
    ['no hexadecimal', '{"kind":"netlink","time":"1","source":"host","netns":{"inode":1},"dump":true,"bytes":"zz"}'],
    ['netns as text', '{"kind":"drained","time":"1","source":"host","netns":"x"}'],
    ['field of wrong form', '{"kind":"probe","time":"1","source":"host","type":"call","fn":"f","cpu":0,"tid":1,"pid":1,"fields":{"seq":"2"}}'],
    ['fields as array', '{"kind":"probe","time":"1","source":"host","type":"call","fn":"f","cpu":0,"tid":1,"pid":1,"fields":[]}'],
    ['frames with a number', '{"kind":"stack","time":"1","source":"host","cpu":0,"id":"1","frames":["a",1]}'],
    ['deep nesting', '['.repeat(500_000) + ']'.repeat(500_000)],
  ])('refuses %s', (_name, line) => {
    expect(decodeObservation(line).kind).toBe('invalid');
  });

  test('keeps the prototype out of reach', () => {
    const decoded = decodeObservation(tick('"1"', ',"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}'));
    expect(decoded).toStrictEqual({ kind: 'observation', observation: { kind: 'tick', time: 1n, source: 'host', cpu: 0 } });
    expect('polluted' in {}).toBe(false);
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.jsonValue().map((value) => JSON.stringify({ kind: 'probe', value }))), (line) => {
      decodeObservation(line);
    }));
  });
});

// fast-check makes some records without a prototype, which toStrictEqual tells from a plain object.
function withPlainPrototype<T>(value: T): T {
  if (Array.isArray(value) || value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withPlainPrototype(inner)])) as T;
}
