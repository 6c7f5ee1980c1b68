import { setTimeout as sleep } from 'node:timers/promises';
import { netnsKey, type NetnsRef } from '../../model/netns.ts';
import type { Observation, ProcessObservation } from '../../model/observation.ts';
import type { BootTime } from '../../model/time.ts';
import type { RoutingSource } from '../rtnetlink/source.ts';
import { createDaemonRounds } from './daemon-rounds.ts';
import { readPeers, type DaemonPeers } from './daemons.ts';
import { openSocketEnds } from './ends.ts';
import { createMovedLooks } from './moved-looks.ts';
import { createNamespaceWatch, type NamespaceWatch, type Told } from './namespace.ts';
import { createAllowance } from './pacing.ts';
import { idOf } from './sockets.ts';
import { createTask } from './task.ts';

/**
 * Watches what depends on routes: asks the kernel how each endpoint is reached, at the start, after changes that may touch it, and now and then.
 * It is a task of its own, which takes a small part of the time; nobody waits for it.
 */
export interface EndpointWatch {
  /** Resolves when all that is there at the start is known, or it takes too long. */
  start(deliver: (observation: Observation) => void): Promise<void>;
  /** Every observation of the routing sockets and of the tracer, right after it was delivered. */
  heard(observation: Observation): void;
  stop(): Promise<void>;
}

export interface EndpointOptions {
  readonly now: () => BootTime;
  readonly source: Pick<RoutingSource, 'following' | 'enter' | 'hearing'>;
  readonly readProcess: (pid: number) => ProcessObservation | undefined;
  /** The tracer tells of every session that ends. */
  readonly hearsCloses: boolean;
}

/** What belongs to one act is over by then. */
const COALESCE_MS = 20;
const REFRESH_INTERVAL_MS = 1000;
const FULL_INTERVAL_MS = 30_000;
/** What answering takes of the time, what it waits for others left out: an answer counts most right after a change, so some is saved up. */
const ANSWERS = { share: 15, savedMs: 100, intervalMs: 100 } as const;
/** Looking for endpoints takes at most this part of the time. */
const REFRESH_SHARE = 50;
/** The session does not wait longer for it. */
const START_MS = 1000;
/** The first look does not wait longer for daemons. */
const PEERS_START_MS = 500;

interface One { readonly netns: NetnsRef; readonly watch: NamespaceWatch; hasDue: boolean; peers?: DaemonPeers | undefined }

export function createEndpointWatch({ now, source, readProcess, hearsCloses }: EndpointOptions): EndpointWatch {
  const all = new Map<string, One>();
  let deliver = (_observation: Observation): void => {};
  let isStopped = false;
  const answers = createTask(answer);
  const refreshes = createTask(refresh);
  const rounds = createDaemonRounds(askDaemons, () => moved() > 0);
  const looks = createMovedLooks(look, () => moved() > 0);
  const allowance = createAllowance(ANSWERS, performance.now());
  let notBefore = 0;
  let lastFull = performance.now();
  /** Daemons tell of peers that are not watched yet. */
  let hasNewPeers = false;
  let wasMoved = 0;
  let ends: ReturnType<typeof openSocketEnds>;

  let last: One | undefined;
  function oneOf(netns: NetnsRef): One {
    // Messages come in bursts, and of one namespace all have the same object.
    if (last?.netns === netns) return last;
    const key = netnsKey(netns);
    let one = all.get(key);
    if (one === undefined) {
      const tell = (told: Told): void => { if (!isStopped && all.has(key)) deliver({ source: 'host', time: now(), netns, ...told }); };
      all.set(key, one = { netns, hasDue: false, watch: createNamespaceWatch({ enter: act => source.enter(netns, act), tell, readProcess, hearsCloses }) });
    }
    last = one;
    return one;
  }

  function answerSoon(): void {
    // What changed is not to wait for a look at everything: a session may end meanwhile.
    if (!answers.isWaiting()) answers.runIn(Math.max(COALESCE_MS, notBefore - performance.now()));
  }

  async function answer(): Promise<void> {
    const begun = performance.now();
    let worked = 0;
    try {
      for (const one of all.values()) {
        if (!one.hasDue) continue;
        one.hasDue = false;
        worked += await one.watch.answer();
      }
    } finally {
      notBefore = allowance.spend({ begun, ended: performance.now(), worked });
      if ([...all.values()].some(({ hasDue }) => hasDue)) answerSoon();
    }
    listen();
  }

  async function refresh(): Promise<void> {
    const begun = performance.now();
    const isFull = begun - lastFull > FULL_INTERVAL_MS;
    hasNewPeers = false;
    if (isFull) lastFull = begun;
    let worked = 0;
    try {
      for (const netns of source.following()) worked += await oneOf(netns).watch.refresh(isFull);
    } finally {
      refreshes.runIn(hasNewPeers ? 0 : Math.max(REFRESH_INTERVAL_MS, worked * REFRESH_SHARE));
    }
    listen();
  }

  const moved = (): number => [...all.values()].reduce((sum, { watch }) => sum + watch.moved(), 0);

  /** Ends of sockets, and what daemons say of their peers, matter while some are reached differently: on busy hosts that is much. */
  function listen(): void {
    if (isStopped) return;
    const count = moved();
    if (count > wasMoved) {
      rounds.soon();
      looks.soon();
    }
    wasMoved = count;
    if (count === 0) { ends?.close(); ends = undefined; return; }
    ends ??= openSocketEnds(source.hearing, ({ netns, id, retransmits }) => { all.get(netnsKey(netns))?.watch.ended(id, retransmits); });
  }

  async function look(): Promise<void> {
    for (const { watch } of all.values()) if (!isStopped) await watch.lookAtMoved().catch(() => undefined);
  }

  async function askDaemons(): Promise<void> {
    for (const netns of source.following()) {
      if (isStopped) break;
      const one = oneOf(netns);
      one.peers = await readPeers(netns.inode, one.peers).catch(() => one.peers);
      if (one.peers !== undefined && one.watch.setPeers(one.peers)) hasNewPeers = true;
    }
    if (hasNewPeers && refreshes.isWaiting()) refreshes.runIn(0);
  }

  return {
    start(to) {
      deliver = to;
      const first = refreshes.run(async () => {
        await Promise.race([rounds.start(), sleep(PEERS_START_MS)]);
        await refresh();
      });
      return Promise.race([first, sleep(START_MS)]);
    },
    heard(observation) {
      if (observation.kind === 'netlink') {
        const one = oneOf(observation.netns);
        if (!one.watch.seen(observation.bytes, observation.dump)) return;
        one.hasDue = true;
        answerSoon();
      } else if (observation.kind === 'probe' && observation.type === 'close') {
        const { time, fields: { netns, cookie, socket, state } } = observation;
        const one = netns === undefined ? undefined : all.get(netnsKey({ inode: netns, ...(cookie === undefined ? {} : { cookie }) }));
        if (one === undefined || socket === undefined || state === undefined || !one.watch.closed(idOf('tcp', { cookie: socket }), time, state)) return;
        one.hasDue = true;
        answerSoon();
      } else if (isOfAny(observation)) {
        for (const one of all.values()) {
          one.watch.sweep();
          one.hasDue = true;
        }
        answerSoon();
      } else if (observation.kind === 'netns' && observation.event === 'gone') {
        all.delete(netnsKey(observation.netns));
        last = undefined;
      }
    },
    async stop() {
      isStopped = true;
      rounds.stop();
      looks.stop();
      ends?.close();
      await Promise.all([refreshes.stop(), answers.stop()]);
    },
  };
}

/** Anything may have moved: messages were lost, or an exception to the routes came, of which no message tells. */
const isOfAny = (observation: Observation): boolean =>
  (observation.kind === 'lost' && observation.source === 'rtnetlink') || (observation.kind === 'probe' && observation.type === 'exception');
