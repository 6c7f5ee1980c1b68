import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QUESTIONS } from '../../fixtures/rtnetlink/lab.ts';
import type { Answers } from '../../fixtures/rtnetlink/lab.ts';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { factsOfIp, factsOfMessages } from './ip-json.ts';

const ROOT = join(import.meta.dirname, '../../fixtures/rtnetlink');
const kernels = readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'dump.bin')));

describe.each(kernels)('messages of kernel %s', (kernel) => {
  const read = (name: string): Buffer => readFileSync(join(ROOT, kernel, name));
  const dump = split(read('dump.bin')).map(message => decodeMessage(message));
  const ours = factsOfMessages(dump);
  const theirs = factsOfIp(Object.fromEntries(Object.keys(QUESTIONS).map((name) => [name, read(`${name}.json`).toString()])) as Answers);

  test.each(['links', 'addresses', 'rules', 'nexthops', 'routes', 'netconf'] as const)('say of %s what ip says', (kind) => {
    expect(theirs[kind].length).toBeGreaterThan(0);
    expect(ours[kind]).toEqual(theirs[kind]);
  });

  test('are all understood, live ones too', () => {
    const live = split(read('live.bin')).map(message => decodeMessage(message));
    expect([...dump, ...live].flatMap((message) => (message.kind === 'other' ? [message.problem ?? message.header.type] : []))).toEqual([]);
    expect([...new Set(live.map((message) => message.kind))]).toEqual(expect.arrayContaining(['link', 'address', 'rule', 'nexthop', 'route', 'netconf']));
  });

  test('cut anywhere decode to the same kind or say why not, and never invent a value', () => {
    const messages = split(read('dump.bin'));
    fc.assert(fc.property(fc.constantFrom(...messages), fc.nat(200), (message, length) => {
      const whole = decodeMessage(message);
      const cut = decodeMessage(message.subarray(0, length));
      if (cut.kind === 'other') {
        expect(length).toBeLessThan(message.length);
        expect(cut.problem).toEqual(expect.any(String));
        return;
      }
      expect(cut.kind).toBe(whole.kind);
      expect(cut.header.cut).toBe(length < message.length ? true : undefined);
      if (cut.kind === 'route' && whole.kind === 'route') expect([cut.route.dst, cut.route.type]).toEqual([whole.route.dst, whole.route.type]);
    }));
  });
});

function split(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += (bytes.readUInt32LE(at) + 3) & ~3) messages.push(bytes.subarray(at, at + bytes.readUInt32LE(at)));
  return messages;
}
