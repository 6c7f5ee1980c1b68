import type { NlHeader, OtherMessage } from '../model/rtnetlink.ts';

/** A message of a known type that cannot be told as what its type promises. */
export const undecodable = (header: NlHeader, problem: string): OtherMessage => ({ kind: 'other', header, problem });

/** A message that is sound but no matter of ours: another address family, a cache entry. */
export const notOurs = (header: NlHeader): OtherMessage => ({ kind: 'other', header });

export const tooShort = (header: NlHeader, struct: string): OtherMessage =>
  undecodable(header, `message ends within struct ${struct}`);
