import { readRouteNames } from '../host/names.ts';
import type { KernelAnswer } from '../lookup/explain-lookup.ts';
import { retrace } from '../lookup/explain-lookup.ts';
import { lookupKey, type Flow } from '../lookup/flow.ts';
import { representative } from '../lookup/representative.ts';
import { situationOf, type Situation } from '../lookup/situation.ts';
import { routesTo } from '../lookup/table.ts';
import { RoutecauseError } from '../model/errors.ts';
import type { ChangeOutput } from '../model/output.ts';
import { RTN } from '../model/route.ts';
import type { WhyAnswer } from '../model/why.ts';
import type { LookupAnswer } from '../netlink/decode-lookup.ts';
import type { Address } from '../netlink/parse-address.ts';
import { formatAddress } from '../netlink/prefix-text.ts';
import { mayBeHeld } from '../provenance/anycast.ts';
import { askKernel, netnsOf, readTables } from '../sources/rtnetlink/ask.ts';
import { openNetns, type NetnsHandle } from '../sources/rtnetlink/netns.ts';
import { whyAnswer } from '../why/answer.ts';
import type { History } from '../why/history.ts';
import { focusOf, type WhyInput } from '../why/input.ts';
import type { NetnsChoice } from './netns.ts';
import { readVersion } from './places.ts';
import { readHistory } from './why-history.ts';
import { deviceFor, parseFrom, parseTarget, type Target, type WhyQuestion } from './why-question.ts';
import { readSurroundings, withAnycastHolders, type RouteNames } from './why-surroundings.ts';

/** Tables change while they are read, and the kernel answers a moment later: a disagreement is looked at again. */
const LOOKS = 3;

export interface Known {
  /** iproute2's names of tables and protocols. @default those of this host */
  readonly names?: RouteNames;
  /** What a session that runs on this host has told so far: it counts as a recording does. */
  readonly session?: readonly ChangeOutput[];
}

/** Why packets go where they go, in one namespace, as it is now. @throws RoutecauseError for what cannot be asked */
export async function ask(question: WhyQuestion, choice: Exclude<NetnsChoice, { kind: 'all' }>, { names = readRouteNames(), session }: Known = {}): Promise<WhyAnswer> {
  const target = parseTarget(question.target);
  const handle = openNetns(choice.kind === 'one' ? choice.place.path : undefined);
  try {
    const name = choice.name;
    const history = question.recording !== undefined ? await readHistory(question.recording, netnsOf(handle))
      : session === undefined ? undefined : { file: 'this session', called: 'session' as const, isOfThisBoot: true, isOfThisNamespace: true, isWhole: true, changes: session };
    const looked = await lookAround(handle, question, target);
    const input: WhyInput = {
      ...looked, names, version: readVersion(), netns: { inode: handle.inode, ...(name === undefined ? {} : { name }) },
      surroundings: readSurroundings(handle, looked.situation, names), ...(history === undefined ? {} : { history }),
      ...(choice.kind === 'one' ? { netnsOption: choice.name } : {}),
      caveats: [...looked.caveats, ...(target.caveat === undefined ? [] : [target.caveat]), ...historyCaveats(history)],
    };
    const route = focusOf(input);
    const isHolderWanted = route !== undefined && mayBeHeld({ route, situation: input.situation, surroundings: input.surroundings });
    return whyAnswer(isHolderWanted ? { ...input, surroundings: await withAnycastHolders(input.surroundings, handle.inode) } : input);
  } finally {
    handle.close();
  }
}

type Looked = Pick<WhyInput, 'query' | 'key' | 'prefix' | 'situation' | 'kernel' | 'retraced' | 'caveats'>;

async function lookAround(handle: NetnsHandle, question: WhyQuestion, target: Target): Promise<Looked> {
  for (let look = 1; ; look++) {
    const looked = await lookOnce(handle, question, target);
    if (looked.retraced.agrees || look === LOOKS) return looked;
  }
}

async function lookOnce(handle: NetnsHandle, question: WhyQuestion, { address, prefix, zone }: Target): Promise<Looked> {
  const family = (address ?? prefix)?.family ?? 'ipv4';
  const src = parseFrom(question.from, family);
  const tables = await readTables(handle, family);
  const situation = situationOf(family, tables);
  const stands = address !== undefined || prefix === undefined ? undefined : representative(prefix, situation.routes);
  const dst = address ?? stands?.address ?? { family, value: 0n };
  const oif = deviceFor({ vrf: question.vrf, zone }, situation);
  const uid = process.getuid?.() ?? 0;
  const flow: Flow = { dst, mark: question.mark ?? 0, uid, ...(src === undefined ? {} : { src }), ...(oif === undefined ? {} : { oif }) };
  const answers = await askKernel(handle, [{ ...flow, fibMatch: false }, { ...flow, fibMatch: true }]);
  const kernel = kernelAnswer(answers);
  refuseForeignSource(kernel, src, situation);
  const key = lookupKey(flow, situation);
  const caveats = [
    ...(tables.consistent ? [] : ['The tables changed each time they were read: they may not fit together.']),
    ...(kernel.used !== undefined && kernel.entry === undefined && kernel.used.table !== 0 ? ['This kernel does not tell which entry of the table its answer is from: only table and type were compared.'] : []),
    ...(stands?.isWhole === false ? [`Longer prefixes cover all of it: what is said of ${formatAddress(dst)} is said of one of them.`] : []),
  ];
  const query: WhyAnswer['query'] = {
    target: question.target, address: formatAddress(dst), family, uid,
    ...(question.from === undefined ? {} : { from: question.from }), ...(question.vrf === undefined ? {} : { vrf: question.vrf }), ...(zone === undefined ? {} : { dev: zone }),
    ...(question.mark === undefined ? {} : { mark: question.mark }), ...(question.recording === undefined ? {} : { recording: question.recording }),
  };
  return { query, key, situation, kernel, retraced: retrace(key, situation, kernel), caveats, ...(prefix === undefined ? {} : { prefix: `${formatAddress(prefix)}/${prefix.length}` }) };
}

function kernelAnswer([used, entry]: readonly LookupAnswer[]): KernelAnswer {
  if (used?.kind !== 'route') return { errno: used?.errno ?? 0, ...(used?.message === undefined ? {} : { message: used.message }) };
  // A kernel that does not know what "the entry" is answers as if it had not been asked for.
  return { used: used.route, ...(entry?.kind === 'route' && !(entry.cloned && entry.route.family === 'ipv4') ? { entry: entry.route } : {}) };
}

/** EINVAL, ENETUNREACH: which of the two it is depends on the kernel. */
const FOREIGN_SOURCE: readonly (number | undefined)[] = [22, 101];

/** IPv4 looks up only packets of this host's own, or of a device that they came in by. @throws RoutecauseError */
function refuseForeignSource({ errno }: KernelAnswer, src: Address | undefined, { routes }: Situation): void {
  if (src === undefined || src.family !== 'ipv4' || !FOREIGN_SOURCE.includes(errno)) return;
  if (routesTo(routes, { dst: src }).some(({ type }) => type === RTN.LOCAL)) return;
  throw new RoutecauseError(`the kernel does not look up packets from ${formatAddress(src)}: it is no address of this host`, 'give one of its addresses: ip address show');
}

const historyCaveats = (history: History | undefined): readonly string[] => history === undefined ? [] : [
  ...(!history.isOfThisBoot || history.isOfThisNamespace ? [] : [`${history.file} has nothing of this network namespace.`]),
  ...(history.isOfThisBoot ? [] : [`${history.file} was recorded on another host or before the last boot: it says nothing of the routes that are here now.`]),
  ...(history.isWhole ? [] : [`${history.file} is cut or damaged: what could be read of it is used.`]),
];
