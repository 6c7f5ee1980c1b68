import { RTN, type Route } from '../model/route.ts';
import type { Statement, WhyExceptionOutput, WhyOutcome } from '../model/why.ts';
import { errorName, errorText } from '../netlink/errors.ts';
import { addressPart } from '../netlink/prefix-text.ts';
import { deviceName, read, type Case } from '../provenance/origin.ts';
import { routeName } from '../provenance/route-words.ts';
import type { WhyInput } from './input.ts';

export function outcomeOf({ kernel, retraced: { walk, agrees } }: WhyInput): WhyOutcome {
  if (kernel.errno !== undefined) return agrees && (walk.winner !== undefined || walk.steps.some(({ outcome }) => outcome.kind === 'rejected')) ? 'refused' : 'no-route';
  const type = kernel.used?.type;
  return type === RTN.LOCAL || (type === RTN.ANYCAST && kernel.used?.family === 'ipv6') ? 'delivered-here' : 'sent';
}

/** What happens to packets, by which route: the first sentence. */
export function outcomeWords(input: WhyInput): Statement {
  const { kernel, query, prefix, retraced: { walk, agrees } } = input;
  const place: Pick<Case, 'situation' | 'surroundings'> = input;
  const route = agrees ? walk.winner : kernel.entry;
  const by = route === undefined ? '' : `: ${route.type === RTN.UNICAST ? 'route ' : ''}${routeName(route, place)}`;
  const to = prefix === undefined ? query.address : `${query.address} (in ${prefix})`;
  if (kernel.errno !== undefined) {
    const error = `${errorName(kernel.errno)}, "${errorText(kernel.errno)}"`;
    const rule = walk.steps.find(({ outcome }) => outcome.kind === 'rejected')?.rule;
    if (agrees && route !== undefined) return read(`${to} is refused with ${error}${by}.`);
    if (agrees && rule !== undefined) return read(`${to} is refused by rule ${rule.priority} with ${error}.`);
    return read(`No route leads to ${to} (${error}).`);
  }
  if (agrees && walk.assumedOnLink === true) return read(`No route leads to ${to} over ${query.dev ?? 'that device'}; the kernel takes it to be on that link.`);
  switch (kernel.used?.type) {
    case RTN.LOCAL: return read(`${to} is delivered to this host${by}.`);
    case RTN.ANYCAST: return read(kernel.used.family === 'ipv6' ? `${to} is delivered to this host${by}.` : `${to} goes ${wayOf(kernel.used, input)}${by}.`);
    case RTN.BROADCAST: return read(`${to} is sent as a broadcast ${wayOf(kernel.used, input)}${by}.`);
    case RTN.MULTICAST: return read(`${to} is sent as a multicast ${wayOf(kernel.used, input)}${by}.`);
    default: return read(`${to} goes ${wayOf(kernel.used, input)}${by}.`);
  }
}

function wayOf(used: Route | undefined, { situation }: Pick<WhyInput, 'situation'>): string {
  const [leg] = used?.nexthops ?? [];
  return leg === undefined ? 'out' : `${leg.gateway === undefined ? 'out' : `via ${leg.gateway}`} by ${deviceName(situation, leg.ifindex)}`;
}

/** The entry of the exception cache for this very destination, if there is one. */
export function exceptionOf({ kernel, situation, query }: WhyInput): WhyExceptionOutput | undefined {
  const { used, entry } = kernel;
  const cached = situation.exceptions.find(({ dst }) => addressPart(dst) === query.address);
  if (used === undefined || entry === undefined || cached === undefined) return undefined;
  const leg = used.nexthops[0];
  const gateway = leg?.gateway;
  const isRedirect = !entry.nexthops.some(one => one.gateway === gateway);
  const { mtu } = used.metrics ?? {};
  const isSmaller = mtu !== undefined && mtu !== entry.metrics?.['mtu'];
  const expires = cached.expiresSec ?? used.expiresSec;
  if (!isRedirect && !isSmaller) return undefined;
  const dev = leg?.ifindex === undefined ? undefined : situation.links.get(leg.ifindex)?.name;
  return {
    event: isRedirect ? 'redirect' : 'path-mtu', dst: query.address, ...(gateway === undefined ? {} : { gateway }), ...(isSmaller ? { mtu } : {}),
    ...(dev === undefined ? {} : { dev }), ...(expires === undefined ? {} : { expires }),
  };
}

export function exceptionWords({ event, dst, gateway, mtu, expires }: WhyExceptionOutput): Statement {
  const until = expires === undefined ? '' : ` (for ${Math.round(expires)} s more)`;
  return read(event === 'redirect' ? `A redirect overrides the route for ${dst}: packets go ${gateway === undefined ? 'to it directly, on the link' : `via ${gateway}`}${until}.`
    : `The path MTU to ${dst} is ${mtu ?? 'smaller'}${until}: larger packets are not sent that way, whatever the route says.`);
}
