import { describe, expect, test } from 'vitest';
import { createCookieCheck } from '../../src/cli/cookie-check.ts';
import type { NetnsRef } from '../../src/model/netns.ts';
import { at, netnsFields, probe, task } from '../model/build.ts';

const OWN: NetnsRef = { inode: 4026531840, cookie: 11n };
const BLUE: NetnsRef = { inode: 4026532200, cookie: 22n };
const us = task(77, 'node');
const sentinel = (netns: NetnsRef) => probe(us, 1000, 'sentinel', 'inet_netconf_get_devconf', { seq: 1, ...netnsFields(netns) });
const record = (netns: NetnsRef) => probe(us, 2000, 'notify', 'rtnl_notify', netnsFields(netns));

function checking(netnsInode: number, told: NetnsRef) {
  const said: string[] = [];
  const cookies = createCookieCheck({ own: OWN, netnsInode, tracer: 'bpftrace', say: text => { said.push(text); } });
  const problem = cookies.check(sentinel(told));
  cookies.check(sentinel(told));
  cookies.heard({ kind: 'netns', source: 'rtnetlink', time: at(1500), netns: BLUE, event: 'found' });
  return { said, problem: problem?.message, mended: (netns: NetnsRef) => { const mended = cookies.mend(record(netns)); return mended.kind === 'probe' ? mended.fields : undefined; } };
}

describe('a tracer that reads cookies of namespaces', () => {
  test.each([[0], [OWN.inode], [BLUE.inode]])('rightly is left alone (watched: %d)', inode => {
    const { said, problem, mended } = checking(inode, OWN);
    expect([said, problem]).toEqual([[], undefined]);
    expect(mended(BLUE)).toEqual(netnsFields(BLUE));
  });

  test.each([[{ ...OWN, cookie: 0n }], [{ ...OWN, cookie: 22n }], [{ inode: OWN.inode }]])('wrongly (%o) knows the one that is watched by its inode number, says so once, and joins to no other', told => {
    for (const watched of [OWN, BLUE]) {
      const { said, problem, mended } = checking(watched.inode, told);
      expect(problem).toBeUndefined();
      expect(said).toEqual([expect.stringMatching(/^bpftrace reads the cookie of network namespace 4026531840 as .*, and the kernel says that it is 11: it is known by its inode number instead\.$/)]);
      expect(mended({ inode: watched.inode, cookie: 0n })).toEqual(netnsFields(watched));
      // What it says of others may be anybody's cookie.
      expect(mended({ inode: 4026539999, cookie: watched.cookie ?? 0n })).toEqual({ netns: 4026539999 });
    }
  });

  test.each<[string, number, NetnsRef]>([['where all are watched', 0, { ...OWN, cookie: 0n }], ['and does not even know the inode number', OWN.inode, { inode: 5, cookie: 0n }]])('wrongly %s is not begun with', (_what, inode, told) => {
    expect(checking(inode, told).problem).toMatch(/^bpftrace reads the cookie of network namespace/);
  });
});
