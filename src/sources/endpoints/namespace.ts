import type { AnswerObservation, EndpointObservation, ProcessObservation } from '../../model/observation.ts';
import type { BootTime } from '../../model/time.ts';
import { indexAddresses, type AddressIndex } from '../../netlink/address-index.ts';
import { routeKeyOf, typeOf } from '../../netlink/route-key.ts';
import { mayMoveAll, resolutionKey, type Resolution } from '../../netlink/resolution.ts';
import { TCP_ESTABLISHED } from '../../netlink/sock-diag.ts';
import type { DaemonPeers } from './daemons.ts';
import type { Endpoint } from './endpoint.ts';
import { findEndpoints } from './find.ts';
import { createFormerSessions } from './former-sessions.ts';
import { createGateways } from './gateways.ts';
import { lookUp, usesGateway, type Answers } from './lookup.ts';
import { createOwners } from './owners.ts';
import { lookAtSocket, stateName } from './sockets.ts';
import { openTalk, type Talk } from './talk.ts';

/** The endpoints of one namespace, and how they are reached. */
export interface NamespaceWatch {
  /** A message came; true: there is something to ask. Called for every one, so it does next to nothing. */
  seen(message: Uint8Array, isDump: boolean): boolean;
  /** Everything is due. */
  sweep(): void;
  /** Asks about all that messages may have touched. Like all that follow that ask: milliseconds that it took, without waiting for others. */
  answer(): Promise<number>;
  /** Looks for endpoints that came or went, and whether those that are reached differently still live; `isFull`: asks about all. */
  refresh(isFull: boolean): Promise<number>;
  /** The kernel told the end of a socket. */
  ended(id: string, retransmits: number | undefined): void;
  /** The kernel was seen taking a session out of ESTABLISHED. True: there is something to ask. */
  closed(id: string, time: BootTime, state: number): boolean;
  /** How many endpoints are reached differently than when they were found. */
  moved(): number;
  /** Whether sockets among those still live: one that was closed lingers in FIN-WAIT-1, and the kernel tells its end much later. */
  lookAtMoved(): Promise<number>;
  /** True: there are more than before, to be found. */
  setPeers(peers: DaemonPeers): boolean;
}

type Bare<O> = Omit<O, 'source' | 'time' | 'netns'>;
export type Told = Bare<EndpointObservation> | Bare<AnswerObservation> | { readonly kind: 'asked' } | { readonly kind: 'scope'; readonly unchecked: readonly string[] };

export interface NamespaceOptions {
  /** undefined: there is no way in any more. */
  readonly enter: (act: () => Talk) => Talk | undefined;
  readonly tell: (what: Told) => void;
  readonly readProcess: (pid: number) => ProcessObservation | undefined;
  /** closed() is told of every session, sooner or later. */
  readonly hearsCloses: boolean;
}

interface Watched { endpoint: Endpoint; key: string; readonly first: string; readonly way: Resolution; isDue: boolean; end?: End; late?: Late }
type End = Partial<Pick<EndpointObservation, 'state' | 'retransmits' | 'ended'>>;
/** The answer to a question that was asked after the end; when it ended decides whether that counts. */
interface Late { readonly key: string; readonly raw: Answers['raw']; readonly asked: number }

/** Of more endpoints than that the first are watched, and the rest is said not to be. */
const LIMIT = 1000;
/** What a tracer saw of a session may be read so much later than its end is noticed. */
const PATIENCE_MS = 5000;
/** What is reached differently matters to others that are asked about within so long. */
const FRESH_MS = 5000;
/** Ends of one change are seen within so long. */
const TOGETHER_MS = 500;

export function createNamespaceWatch({ enter, tell, readProcess, hearsCloses }: NamespaceOptions): NamespaceWatch {
  const watched = new Map<string, Watched>();
  const gateways = createGateways();
  const former = createFormerSessions();
  /** Not worth watching as things are. */
  const refused = new Set<string>();
  const owners = createOwners();
  let index: AddressIndex<Watched> = indexAddresses([]);
  let isSwept = false;
  let hasDue = false;
  /** Of the last answer that was a different one. */
  let differedAt = -Infinity;
  let finding: Promise<void> = Promise.resolve();
  let peers: DaemonPeers = { peers: [], unchecked: [] };
  let toldUnchecked: ReadonlySet<string> | undefined;
  /** Daemons told of peers only after the first look. */
  let hasMore = false;

  async function within(act: (talk: Talk) => Promise<void>): Promise<number> {
    const talk = enter(openTalk);
    if (talk === undefined) return 0;
    try {
      await act(talk);
      return talk.slices.worked();
    } finally {
      talk.close();
    }
  }

  /** Its first answer is what later ones are compared with. */
  function take(talk: Talk, endpoint: Endpoint): void {
    const { told } = endpoint;
    const found = lookUp(talk, endpoint);
    if (found === undefined || !isOfUse(endpoint, found.resolution) || !isStill(talk, endpoint)) { refused.add(told.id); return; }
    if (!former.mayBegin(endpoint, found.resolution)) return;
    const key = resolutionKey(found.resolution);
    watched.set(told.id, { endpoint, key, first: key, way: found.resolution, isDue: false });
    tell({ kind: 'endpoint', event: 'found', ...told, ...ownerOf(endpoint) });
    tell({ kind: 'answer', id: told.id, reason: 'start', ...found.raw });
  }

  function ownerOf({ socket, pid }: Endpoint): Pick<EndpointObservation, 'pid' | 'comm' | 'argv' | 'unit'> {
    const owner = pid ?? owners.of(socket);
    const process = owner === undefined ? undefined : readProcess(owner);
    return process === undefined ? {} : { pid: process.pid, comm: process.comm, argv: process.argv, ...(process.unit === undefined ? {} : { unit: process.unit }) };
  }

  function drop(id: string, end: End = {}): void {
    const one = watched.get(id);
    if (one === undefined) return;
    watched.delete(id);
    if (one.key !== one.first) former.ended(one.endpoint, one.way);
    const { state: _, ...told } = one.endpoint.told;
    tell({ kind: 'endpoint', event: 'gone', ...told, ...end, ...one.end });
  }

  /** Drops a socket that is established no more. */
  function dropEnded(talk: Talk, one: Watched): boolean {
    const { endpoint: { socket } } = one;
    const now = socket === undefined ? undefined : lookAtSocket(talk, socket);
    if (socket === undefined || (now?.state === TCP_ESTABLISHED && one.end === undefined)) return false;
    leave(talk, one, now === undefined || one.end !== undefined ? {} : { state: stateName(now.state), ...(now.retransmits === undefined ? {} : { retransmits: now.retransmits }) });
    return true;
  }

  /** A session ended, and nobody asked about it since a change: it is asked about now, and waits until it is known when it ended. */
  function leave(talk: Talk, one: Watched, seen: End): void {
    const { endpoint } = one;
    if (one.late === undefined && one.key === one.first && hearsCloses && endpoint.told.what === 'tcp') {
      const found = lookUp(talk, endpoint);
      const key = found === undefined ? one.key : resolutionKey(found.resolution);
      if (found !== undefined && key !== one.key) one.late = { key, raw: found.raw, asked: performance.now() };
    }
    if (one.late === undefined || performance.now() > one.late.asked + PATIENCE_MS) dropLate(one, seen);
  }

  /** Tells of those whose end is known by now; sessions that one change ended are told together. */
  function release(): void {
    const waiting = [...watched.values()].flatMap(one => one.late === undefined ? [] : [{ one, isAwaited: one.end === undefined && performance.now() < one.late.asked + TOGETHER_MS }]);
    if (waiting.some(({ isAwaited }) => isAwaited)) return;
    for (const { one } of waiting) if (one.end !== undefined) dropLate(one);
  }

  function dropLate(one: Watched, seen: End = {}): void {
    const { late, end, endpoint: { told: { id } } } = one;
    if (late !== undefined && end !== undefined) {
      one.key = late.key;
      tellAnswer(id, 'change', late.raw);
    }
    drop(id, seen);
  }

  function check(talk: Talk, one: Watched, reason: 'change' | 'refresh'): void {
    one.isDue = false;
    if (one.end !== undefined || one.late !== undefined) { leave(talk, one, {}); return; }
    const { told } = one.endpoint;
    const found = lookUp(talk, one.endpoint);
    const key = found === undefined ? undefined : resolutionKey(found.resolution);
    if (found === undefined || key === undefined || key === one.key) return;
    // Only what still lives can be hit: a session that ended before, or a gateway that no route uses any more, is not told.
    if (dropEnded(talk, one)) return;
    if (!isStill(talk, one.endpoint)) { refused.add(told.id); drop(told.id); return; }
    one.key = key;
    tellAnswer(told.id, reason, found.raw);
  }

  function tellAnswer(id: string, reason: AnswerObservation['reason'], raw: Answers['raw']): void {
    differedAt = performance.now();
    tell({ kind: 'answer', id, reason, ...raw });
  }

  /** What is told of one change together waits for this. */
  function tellAsked(): void {
    const isAsked = !isSwept && !hasDue && ![...watched.values()].some(({ late }) => late !== undefined);
    if (isAsked && performance.now() < differedAt + FRESH_MS) tell({ kind: 'asked' });
  }

  async function checkAll(talk: Talk, ones: readonly Watched[], reason: 'change' | 'refresh'): Promise<void> {
    for (const one of ones) {
      if (watched.get(one.endpoint.told.id) === one) check(talk, one, reason);
      await talk.slices.breathe();
    }
    release();
    tellAsked();
  }

  /** One after the other: what came between the two of them is not gone. */
  function find(talk: Talk): Promise<void> {
    const mine = finding.then(() => findAll(talk));
    finding = mine.catch(() => undefined);
    return mine;
  }

  async function findAll(talk: Talk): Promise<void> {
    const found = await findEndpoints(talk, { peers, gateways: gateways.all() });
    const there = new Map(found.endpoints.map(one => [one.told.id, one]));
    for (const [id, one] of watched) {
      const now = there.get(id);
      if (now === undefined) { if (!dropEnded(talk, one)) drop(id); continue; }
      if (now.told.state !== one.endpoint.told.state) tell({ kind: 'endpoint', event: 'changed', ...now.told, ...ownerOf(now) });
      one.endpoint = now;
    }
    release();
    const fresh = found.endpoints.filter(({ told }) => !watched.has(told.id) && !refused.has(told.id));
    const taken = fresh.slice(0, Math.max(0, LIMIT - watched.size));
    const unchecked = [...found.unchecked, ...await owners.learn(talk.slices, taken, [...watched.values()].map(({ endpoint }) => endpoint)), ...(fresh.length > taken.length ? [`${fresh.length - taken.length} endpoints: at most ${LIMIT} are watched`] : [])];
    for (const endpoint of taken) take(talk, endpoint);
    const isChanged = fresh.length > 0 || there.size !== watched.size;
    if (isChanged) index = indexAddresses([...watched.values()].flatMap(one => [one.endpoint.question, one.endpoint.from].flatMap(asked => asked === undefined ? [] : [[asked.dst, one] as const])));
    tellUnchecked(unchecked);
  }

  /** Once, and again where there is more of it, or of what is watched. */
  function tellUnchecked(unchecked: readonly string[]): void {
    const texts = unchecked.map(one => one.replaceAll(/\d+/g, ''));
    if (!hasMore && toldUnchecked !== undefined && texts.every(text => toldUnchecked?.has(text))) return;
    hasMore = false;
    if (toldUnchecked === undefined) tell({ kind: 'asked' });
    toldUnchecked = new Set([...toldUnchecked ?? [], ...texts]);
    tell({ kind: 'scope', unchecked });
  }

  return {
    seen(message, isDump) {
      gateways.seen(message);
      if (isDump) return false;
      const key = routeKeyOf(message);
      if (key === undefined) {
        if (!mayMoveAll(typeOf(message))) return false;
        isSwept = true;
        return true;
      }
      for (const one of index(key.family, message, key.at, key.length)) one.isDue = hasDue = true;
      return hasDue;
    },
    sweep: () => { isSwept = true; },
    answer: () => within(async talk => {
      const isAll = isSwept;
      [isSwept, hasDue] = [false, false];
      if (isAll) {
        refused.clear();
        await find(talk);
      }
      const due = [...watched.values()].filter(one => isAll || one.isDue);
      // Sessions may end any moment, and what is told of neighbours depends on them.
      await checkAll(talk, [...due.filter(({ endpoint }) => endpoint.socket !== undefined), ...due.filter(({ endpoint }) => endpoint.socket === undefined)], 'change');
    }),
    refresh: isFull => within(async talk => {
      if (isFull) refused.clear();
      await find(talk);
      if (isFull) await checkAll(talk, [...watched.values()], 'refresh');
    }),
    ended(id, retransmits) {
      const one = watched.get(id);
      // What was not hit yet is asked about first.
      if (one !== undefined && !(hearsCloses && one.key === one.first && one.endpoint.told.what === 'tcp')) drop(id, retransmits === undefined ? {} : { retransmits });
    },
    closed(id, time, state) {
      const one = watched.get(id);
      if (one === undefined) return false;
      one.end = { ended: time, state: stateName(state) };
      if (one.late === undefined && one.key === one.first) return one.isDue = hasDue = true;
      if (one.late === undefined) { dropLate(one); return false; }
      release();
      tellAsked();
      return false;
    },
    moved: () => [...watched.values()].filter(one => one.key !== one.first).length,
    lookAtMoved: () => within(async talk => { for (const one of watched.values()) if (one.key !== one.first) dropEnded(talk, one); release(); }),
    setPeers(now) {
      if (toldUnchecked !== undefined && peers.peers.length === 0 && now.peers.length > 0) hasMore = true;
      const isMore = now.peers.length > peers.peers.length;
      peers = now;
      return isMore;
    },
  };
}

/** A neighbour, or a gateway, is to be where it was told to be. */
function isOfUse({ told }: Endpoint, resolution: Resolution): boolean {
  if (told.what !== 'neighbour' && told.what !== 'nexthop') return true;
  return resolution.errno === undefined && resolution.gateway === undefined && resolution.ifindex === told.ifindex;
}

const isStill = (talk: Talk, { told, question }: Endpoint): boolean =>
  told.what !== 'nexthop' || usesGateway(talk, told.remote, { routes: told.routes ?? [], oif: question.oif });
