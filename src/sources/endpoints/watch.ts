import { setTimeout as sleep } from 'node:timers/promises';
import { netnsKey, type NetnsRef } from '../../model/netns.ts';
import type { Observation, ProcessObservation } from '../../model/observation.ts';
import type { BootTime } from '../../model/time.ts';
import type { RoutingSource } from '../rtnetlink/source.ts';
import { readPeers } from './daemons.ts';
import { openSocketEnds } from './ends.ts';
import { createNamespaceWatch, type NamespaceWatch, type Told } from './namespace.ts';

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
}

/** What belongs to one act is over by then. */
const COALESCE_MS = 20;
const ANSWER_INTERVAL_MS = 100;
const REFRESH_INTERVAL_MS = 1000;
const FULL_INTERVAL_MS = 30_000;
/** Answering takes at most this part of the time, but for what was saved up: an answer counts most right after a change. Looking for endpoints takes that. */
const ANSWER_SHARE = 15;
const ANSWER_CREDIT_MS = 100;
const REFRESH_SHARE = 50;
/** The session does not wait longer for it. */
const START_MS = 1000;
const PEERS_INTERVAL_MS = 30_000;
/** After something began to be reached differently; then after twice as long, and so on. */
const PEERS_SOON_MS = 500;
/** The first look does not wait longer for daemons. */
const PEERS_START_MS = 500;
const PEERS_SHARE = 20;
/** Sockets that are reached differently are looked at so soon after that, and then ever later. */
const MOVED_SOON_MS = 500;
const MOVED_GROWTH = 1.5;
const MOVED_LATEST_MS = 30_000;

interface One { readonly netns: NetnsRef; readonly watch: NamespaceWatch; hasDue: boolean }

export function createEndpointWatch({ now, source, readProcess }: EndpointOptions): EndpointWatch {
  const all = new Map<string, One>();
  let deliver = (_observation: Observation): void => {};
  let isStopped = false;
  let refreshed: Promise<void> = Promise.resolve();
  let answered: Promise<void> = Promise.resolve();
  let answering: NodeJS.Timeout | undefined;
  let refreshing: NodeJS.Timeout | undefined;
  /** undefined: they are being asked. */
  let asking: NodeJS.Timeout | undefined;
  let peersPause = PEERS_INTERVAL_MS;
  let looking: NodeJS.Timeout | undefined;
  let lookPause = MOVED_SOON_MS;
  let wasMoved = 0;
  let notBefore = 0;
  /** How long answers may take at once, and when that was worked out. */
  let credit = ANSWER_CREDIT_MS;
  let creditSince = performance.now();
  let lastFull = performance.now();
  let ends: ReturnType<typeof openSocketEnds>;

  let last: One | undefined;
  function oneOf(netns: NetnsRef): One {
    // Messages come in bursts, and of one namespace all have the same object.
    if (last?.netns === netns) return last;
    const key = netnsKey(netns);
    let one = all.get(key);
    if (one === undefined) {
      const tell = (told: Told): void => { if (!isStopped && all.has(key)) deliver({ source: 'host', time: now(), netns, ...told }); };
      all.set(key, one = { netns, hasDue: false, watch: createNamespaceWatch({ enter: act => source.enter(netns, act), tell, readProcess }) });
    }
    last = one;
    return one;
  }

  /** A namespace that goes away in the middle of it takes its answers along. */
  const after = (busy: Promise<void>, act: () => Promise<void>): Promise<void> => busy.then(() => isStopped ? undefined : act()).catch(() => undefined);

  function answerSoon(): void {
    if (answering !== undefined || isStopped) return;
    // What changed is not to wait for a look at everything: a session may end meanwhile.
    answering = setTimeout(() => { answered = after(answered, answer); }, Math.max(COALESCE_MS, notBefore - performance.now()));
  }

  async function answer(): Promise<void> {
    answering = undefined;
    const begun = performance.now();
    try {
      for (const one of all.values()) {
        if (!one.hasDue) continue;
        one.hasDue = false;
        await one.watch.answer();
      }
    } finally {
      const ended = performance.now();
      credit = Math.min(ANSWER_CREDIT_MS, credit + (begun - creditSince) / ANSWER_SHARE) - (ended - begun);
      creditSince = begun;
      notBefore = Math.max(ended + ANSWER_INTERVAL_MS, begun - Math.min(0, credit) * ANSWER_SHARE);
      if ([...all.values()].some(({ hasDue }) => hasDue)) answerSoon();
    }
    listen();
  }

  async function refresh(): Promise<void> {
    const begun = performance.now();
    const isFull = begun - lastFull > FULL_INTERVAL_MS;
    if (isFull) lastFull = begun;
    try {
      for (const netns of source.following()) await oneOf(netns).watch.refresh(isFull);
    } finally {
      const took = performance.now() - begun;
      if (!isStopped) refreshing = setTimeout(() => { refreshed = after(refreshed, refresh); }, Math.max(REFRESH_INTERVAL_MS, took * REFRESH_SHARE));
    }
    listen();
  }

  const moved = (): number => [...all.values()].reduce((sum, { watch }) => sum + watch.moved(), 0);

  /** Ends of sockets, and what daemons say of their peers, matter while some are reached differently: on busy hosts that is much. */
  function listen(): void {
    if (isStopped) return;
    const count = moved();
    if (count > wasMoved) {
      askDaemonsSoon();
      lookSoon();
    }
    wasMoved = count;
    if (count === 0) { ends?.close(); ends = undefined; return; }
    ends ??= openSocketEnds(source.hearing, ({ netns, id, retransmits }) => { all.get(netnsKey(netns))?.watch.ended(id, retransmits); });
  }

  function lookSoon(): void {
    lookPause = MOVED_SOON_MS;
    clearTimeout(looking);
    looking = setTimeout(() => { void look(); }, lookPause);
  }

  async function look(): Promise<void> {
    const mine = looking;
    for (const { watch } of all.values()) if (!isStopped) await watch.lookAtMoved().catch(() => undefined);
    if (isStopped || moved() === 0 || looking !== mine) return;
    lookPause = Math.min(lookPause * MOVED_GROWTH, MOVED_LATEST_MS);
    looking = setTimeout(() => { void look(); }, lookPause);
  }

  async function askDaemons(): Promise<void> {
    asking = undefined;
    const begun = performance.now();
    for (const netns of source.following()) if (!isStopped) oneOf(netns).watch.setPeers(await readPeers(netns.inode).catch(() => ({ peers: [], unchecked: [] })));
    peersPause = Math.min(moved() === 0 ? PEERS_INTERVAL_MS : peersPause * 2, PEERS_INTERVAL_MS);
    if (!isStopped) asking = setTimeout(() => { void askDaemons(); }, Math.max(peersPause, (performance.now() - begun) * PEERS_SHARE));
  }

  /** From now on what they say matters, and less so as time goes by. */
  function askDaemonsSoon(): void {
    peersPause = PEERS_SOON_MS;
    if (asking === undefined) return;
    clearTimeout(asking);
    asking = setTimeout(() => { void askDaemons(); }, PEERS_SOON_MS);
  }

  return {
    start(to) {
      deliver = to;
      refreshed = after(refreshed, async () => {
        await Promise.race([askDaemons(), sleep(PEERS_START_MS)]);
        await refresh();
      });
      return Promise.race([refreshed, sleep(START_MS)]);
    },
    heard(observation) {
      if (observation.kind === 'netlink') {
        const one = oneOf(observation.netns);
        if (!one.watch.seen(observation.bytes, observation.dump)) return;
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
      for (const timer of [answering, refreshing, asking, looking]) clearTimeout(timer);
      ends?.close();
      await Promise.all([refreshed, answered]);
    },
  };
}

/** Anything may have moved: messages were lost, or an exception to the routes came, of which no message tells. */
const isOfAny = (observation: Observation): boolean =>
  (observation.kind === 'lost' && observation.source === 'rtnetlink') || (observation.kind === 'probe' && observation.type === 'exception');
