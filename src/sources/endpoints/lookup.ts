import type { AnswerObservation } from '../../model/observation.ts';
import { decodeLookup } from '../../netlink/decode-lookup.ts';
import { routeGetRequest, type RouteQuestion } from '../../netlink/lookup-requests.ts';
import { parsePrefix, type Address } from '../../netlink/parse-address.ts';
import { resolutionOf, type Resolution } from '../../netlink/resolution.ts';
import type { Endpoint } from './endpoint.ts';
import { ask, type Talk } from './talk.ts';

export interface Answers { readonly raw: Pick<AnswerObservation, 'taken' | 'match' | 'from'>; readonly resolution: Resolution }

type Question = Endpoint['question'];
const get = (talk: Talk, question: Question, fibMatch: boolean): Uint8Array | undefined =>
  ask(talk.route, seq => routeGetRequest({ ...question, fibMatch } satisfies RouteQuestion, seq));

/** How an endpoint is reached now; undefined: the kernel did not say. */
export function lookUp(talk: Talk, { question, from, isBound }: Pick<Endpoint, 'question' | 'from' | 'isBound'>): Answers | undefined {
  const source = from === undefined ? undefined : get(talk, from, false);
  const found = answersTo(talk, question, source);
  if (isBound !== true || question.src?.family !== 'ipv6' || found === undefined || found.resolution.ifindex === question.oif) return found;
  // net/ipv6/route.c ip6_route_output_flags() leaves the device of a bound socket never, but that of a question that has a source.
  const { src: _, ...bound } = question;
  return answersTo(talk, bound, source);
}

function answersTo(talk: Talk, question: Question, source: Uint8Array | undefined): Answers | undefined {
  const [taken, match] = [get(talk, question, false), get(talk, question, true)];
  if (taken === undefined) return undefined;
  const raw = { taken, ...(match === undefined ? {} : { match }), ...(source === undefined ? {} : { from: source }) };
  const resolution = resolutionOf(raw);
  return resolution === undefined ? undefined : { raw, resolution };
}

/** Something to look up for a default route: addresses for benchmarks (RFC 2544) and documents, which nobody routes apart. */
const ANYWHERE = { ipv4: 0xc612fffen, ipv6: 0x20010db8fffffffffffffffffffffffen } as const;

/** One of these destinations is still reached over this gateway. */
export function usesGateway(talk: Talk, gateway: string, { routes, oif }: { readonly routes: Iterable<string>; readonly oif: number | undefined }): boolean {
  for (const route of routes) {
    const prefix = parsePrefix(route);
    if (prefix === undefined) continue;
    const dst: Address = { family: prefix.family, value: prefix.length === 0 ? ANYWHERE[prefix.family] : prefix.value };
    const told = get(talk, { dst, ...(oif === undefined ? {} : { oif }) }, true);
    const answer = told === undefined ? undefined : decodeLookup(told);
    if (answer?.kind === 'route' && answer.route.nexthops.some(leg => leg.gateway === gateway)) return true;
  }
  return false;
}
