import { z } from 'zod';
import { OUTPUT_SCHEMA, type AttemptOutput, type ExceptionOutput, type ImpactedOutput, type ImpactOutput, type ImpactScopeOutput, type LossOutput, type OutputRecord, type ReachOutput, type ReadyOutput, type RouteChangeOutput, type RouteFlagsOutput, type RuleChangeOutput, type SessionOutput, type SummaryOutput, type WarOutput } from '../model/output.ts';
import { actorSchema, netnsSchema, routeSchema, ruleSchema, triggerSchema } from './schema-route.ts';

const integer = z.int();
const count = z.int().nonnegative();
const text = z.string();
const maybe = z.exactOptional;
const time = z.iso.datetime().describe('RFC 3339, UTC, microseconds');
const nanoseconds = text.regex(/^-?\d+$/).describe('nanoseconds, a decimal number as text');
const cause = z.strictObject({ id: text, title: text });

const warSide = z.strictObject({ effect: text, pid: maybe(integer), comm: maybe(text), argv: maybe(z.array(text)), unit: maybe(text), address: maybe(text) });
export const warSchema = z.strictObject({
  sides: z.tuple([warSide, warSide]), turns: count, since: time, periodSeconds: z.number(), advice: z.array(text),
}) satisfies z.ZodType<WarOutput>;

const explained = {
  id: text, origin: text, time, bootTimeNs: nanoseconds,
  verdict: z.enum(['caused', 'predates-session', 'unknown']),
  confidence: maybe(z.enum(['proved', 'likely', 'guessed'])), reason: maybe(z.enum(['no-match', 'blind', 'events-lost'])),
  cause, trigger: triggerSchema, actor: actorSchema, headline: text,
  steps: z.array(z.strictObject({ depth: count, text, function: maybe(text), context: maybe(z.enum(['task', 'kworker', 'softirq'])) })),
  evidence: z.array(z.strictObject({ kind: z.enum(['message', 'stack', 'call', 'requester', 'deferred', 'state', 'time']), text })),
  stack: maybe(z.array(text)),
  rivals: maybe(z.array(z.strictObject({ cause, actor: maybe(actorSchema), tellApart: text }))),
  references: z.array(z.strictObject({ id: text, title: text, section: maybe(text), url: maybe(text) })),
  advice: maybe(z.array(text)), caveats: maybe(z.array(text)), war: maybe(warSchema),
};

export const routeChangeSchema = z.strictObject({
  kind: z.enum(['route-change', 'route-present']),
  change: z.enum(['add', 'append', 'replace', 'delete']), position: maybe(z.enum(['first', 'last'])), silent: z.boolean(),
  replaced: maybe(routeSchema), route: routeSchema,
  ...explained,
}) satisfies z.ZodType<RouteChangeOutput>;

export const routeFlagsSchema = z.strictObject({
  kind: z.literal('route-flags'), change: z.enum(['set', 'cleared']), flags: z.array(text), route: routeSchema, ...explained,
}) satisfies z.ZodType<RouteFlagsOutput>;

export const ruleChangeSchema = z.strictObject({
  kind: z.literal('rule-change'), change: z.enum(['add', 'delete']), rule: ruleSchema, ...explained,
}) satisfies z.ZodType<RuleChangeOutput>;

export const exceptionSchema = z.strictObject({
  kind: z.literal('exception'), event: z.enum(['redirect', 'path-mtu']), family: z.enum(['ipv4', 'ipv6']), dst: text.regex(/\/\d+$/),
  gateway: maybe(text), mtu: maybe(integer), dev: maybe(text), ifindex: maybe(integer), netns: netnsSchema, expires: maybe(z.number()), ...explained,
}) satisfies z.ZodType<ExceptionOutput>;

export const attemptSchema = z.strictObject({
  kind: z.literal('attempt'), request: text, route: maybe(routeSchema), rule: maybe(ruleSchema), target: maybe(text),
  errno: integer, error: text, message: maybe(text), netns: netnsSchema, ...explained,
}) satisfies z.ZodType<AttemptOutput>;

export const sessionSchema = z.strictObject({
  kind: z.literal('session'), schema: z.literal(OUTPUT_SCHEMA), version: text,
  host: z.strictObject({ hostname: text, kernel: text, machine: text, cpus: integer, bpftrace: maybe(text) }),
  tier: z.enum(['bpftrace', 'ftrace', 'netlink']), tierReason: text,
  coverage: z.strictObject({
    armed: z.array(text),
    replaced: z.array(z.strictObject({ probe: text, by: text })),
    blind: z.array(z.strictObject({ cause: text, missing: z.array(text) })),
  }),
  clockOffsetNs: nanoseconds, netns: maybe(netnsSchema), replayed: maybe(z.literal(true)),
}) satisfies z.ZodType<SessionOutput>;

export const readySchema = z.strictObject({
  kind: z.literal('ready'), time, bootTimeNs: nanoseconds,
}) satisfies z.ZodType<ReadyOutput>;

export const summarySchema = z.strictObject({
  kind: z.literal('summary'), changes: count, caused: count, unknown: count, silent: count, lost: count, truncated: maybe(z.literal(true)),
}) satisfies z.ZodType<SummaryOutput>;

export const lossSchema = z.strictObject({
  kind: z.literal('loss'), source: text, what: text, count: maybe(count), time, since: time, bootTimeNs: nanoseconds,
}) satisfies z.ZodType<LossOutput>;

const reach = z.strictObject({
  error: maybe(text), type: maybe(text), dev: maybe(text), ifindex: maybe(integer), gateway: maybe(text), table: maybe(integer), tableName: maybe(text),
  source: maybe(text), route: maybe(text), fromHere: maybe(z.literal(false)),
}) satisfies z.ZodType<ReachOutput>;
const impactWhat = z.enum(['tcp', 'udp', 'neighbour', 'nexthop', 'tunnel', 'bgp-peer', 'bfd-peer']);
export const impactedSchema = z.strictObject({
  remote: text, remotePort: maybe(integer), local: maybe(text), localPort: maybe(integer), dev: maybe(text), ifindex: maybe(integer), name: maybe(text),
  routes: maybe(z.array(text)), state: maybe(text), retransmits: maybe(integer), before: reach, after: reach,
}) satisfies z.ZodType<ImpactedOutput>;

export const impactSchema = z.strictObject({
  kind: z.literal('impact'), id: text, origin: text, changes: z.array(text), status: z.enum(['expected', 'observed', 'cleared']), of: maybe(text),
  time, bootTimeNs: nanoseconds, netns: netnsSchema,
  what: impactWhat, effect: z.enum(['local-delivery', 'other-device', 'other-gateway', 'other-source', 'source-gone', 'other-vrf', 'unreachable']),
  owner: maybe(z.strictObject({ pid: integer, comm: maybe(text), argv: maybe(z.array(text)), unit: maybe(text) })),
  headline: text, afterSeconds: maybe(z.number()), count, endpoints: z.array(impactedSchema), caveats: maybe(z.array(text)),
}) satisfies z.ZodType<ImpactOutput>;

export const impactScopeSchema = z.strictObject({
  kind: z.literal('impact-scope'), time, bootTimeNs: nanoseconds, netns: netnsSchema, watched: z.partialRecord(impactWhat, count), unchecked: z.array(text),
}) satisfies z.ZodType<ImpactScopeOutput>;

/** Every line that `--json` prints. */
export const outputRecordSchema = z.discriminatedUnion('kind', [
  sessionSchema, readySchema, routeChangeSchema, ruleChangeSchema, routeFlagsSchema, exceptionSchema, attemptSchema, impactSchema, impactScopeSchema, lossSchema, summarySchema,
]) satisfies z.ZodType<OutputRecord>;
