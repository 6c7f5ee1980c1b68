import { describe, expect, test } from 'vitest';
import { chooseTier, tierNotice, type TierCheck } from '../../src/host/tiers.ts';

const good: readonly TierCheck[] = [{ tier: 'bpftrace', needs: 'bpftrace is there', findings: [] }, { tier: 'netlink', needs: 'nothing', findings: [] }];
const bad: readonly TierCheck[] = [{ tier: 'bpftrace', needs: 'bpftrace is there', findings: [{ problem: 'no bpftrace', remedy: 'install it' }] }, { tier: 'netlink', needs: 'nothing', findings: [] }];

describe('chooseTier', () => {
  test.each([
    ['the best by itself', good, 'auto', 'bpftrace', 'bpftrace is there'],
    ['the one asked for', good, 'bpftrace', 'bpftrace', 'asked for; bpftrace is there'],
    ['less than this host can, if asked for', good, 'netlink', 'netlink', 'asked for; nothing'],
    ['what needs nothing, where nothing is there', bad, 'netlink', 'netlink', 'asked for; nothing'],
  ] as const)('%s', (_case, tiers, wanted, tier, reason) => { expect(chooseTier(tiers, wanted)).toStrictEqual({ tier, reason }); });

  test('messages alone, by itself, where nothing better works', () => {
    expect(chooseTier(bad, 'auto')).toStrictEqual({ tier: 'netlink', reason: 'nothing; better ones do not work here: no bpftrace' });
  });

  test('a tier that does not work on this host is refused, with the remedy', () => {
    expect(() => chooseTier(bad, 'bpftrace')).toThrow(expect.objectContaining({ message: 'this host cannot be traced: no bpftrace', remedy: 'install it' }));
  });

  test('a tier that this program does not have is refused', () => { expect(() => chooseTier(good, 'ftrace')).toThrow('there is no tier ftrace'); });
});

describe('tierNotice', () => {
  test('says in one sentence why, and what is lost', () => { expect(tierNotice(bad, 'auto')).toMatch(/^This host cannot be traced: no bpftrace \(remedy: install it\)\..*likely at best/); });
  test.each([['where all works', good, 'auto'], ['where it was asked for', bad, 'netlink']] as const)('says nothing %s', (_case, tiers, wanted) => { expect(tierNotice(tiers, wanted)).toBeUndefined(); });
});
