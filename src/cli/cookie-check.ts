import { RoutecauseError } from '../model/errors.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { Observation, ProbeObservation } from '../model/observation.ts';

/** Whether the tracer reads the cookies of namespaces as the kernel tells them to sockets: everything is joined by them. */
export interface CookieCheck {
  /** What a probe saw of our own request. An error where namespaces cannot be told apart without cookies. */
  check(record: ProbeObservation): RoutecauseError | undefined;
  /** A namespace was found. */
  heard(observation: Observation): void;
  /** What the tracer tells, joined by inode number where its cookies are wrong. */
  mend(observation: Observation): Observation;
}

export interface CookieCheckOptions {
  /** Where our request comes from, as a socket of it tells. */
  readonly own: NetnsRef;
  /** The inode number of the one namespace that is watched; 0: all of them. */
  readonly netnsInode: number;
  readonly tracer: string;
  /** Tells a person. */
  readonly say: (text: string) => void;
}

export function createCookieCheck({ own, netnsInode, tracer, say }: CookieCheckOptions): CookieCheck {
  let watched: NetnsRef | undefined = own.inode === netnsInode ? own : undefined;
  let isWrong = false;
  return {
    check({ fields }) {
      if (own.cookie === undefined || isWrong || (fields.cookie === own.cookie && (fields.netns === undefined || fields.netns === own.inode))) return undefined;
      const problem = `${tracer} reads the cookie of network namespace ${own.inode} as ${fields.cookie ?? 'nothing'}, and the kernel says that it is ${own.cookie}`;
      // Inode numbers are used again at once: of several namespaces that come and go, the wrong one might be taken.
      if (netnsInode === 0 || fields.netns !== own.inode) return new RoutecauseError(problem, tracer === 'ftrace' ? 'use --tier bpftrace or --tier netlink' : 'use --tier ftrace or --tier netlink');
      isWrong = true;
      say(`${problem}: it is known by its inode number instead.`);
      return undefined;
    },
    heard(observation) {
      if (observation.kind === 'netns' && observation.event === 'found' && observation.netns.inode === netnsInode) watched ??= observation.netns;
    },
    mend(observation) {
      if (!isWrong || observation.kind !== 'probe' || observation.fields.netns === undefined) return observation;
      const { cookie: _, ...fields } = observation.fields;
      const right = fields.netns === watched?.inode ? watched?.cookie : undefined;
      return { ...observation, fields: right === undefined ? fields : { ...fields, cookie: right } };
    },
  };
}
