import { z } from 'zod';
import type { Actor, LegOutput, NetnsOutput, RouteOutput, RuleOutput, Trigger } from '../model/output.ts';

const integer = z.int();
const text = z.string();
/** Absent or present, never present and undefined: as the types have it. */
const maybe = z.exactOptional;

export const netnsSchema = z.strictObject({
  inode: integer, name: maybe(text),
}) satisfies z.ZodType<NetnsOutput>;

export const legSchema = z.strictObject({
  gateway: maybe(text), dev: maybe(text), ifindex: maybe(integer), weight: integer,
  flags: maybe(z.array(text)), encap: maybe(text),
}) satisfies z.ZodType<LegOutput>;

export const routeSchema = z.strictObject({
  family: z.enum(['ipv4', 'ipv6']), dst: text.regex(/\/\d+$/), src: maybe(text), type: text,
  table: integer, tableName: maybe(text), protocol: integer, protocolName: maybe(text),
  scope: text, tos: maybe(integer), dev: maybe(text), ifindex: maybe(integer), gateway: maybe(text), flags: maybe(z.array(text)),
  nexthops: maybe(z.array(legSchema)), legs: maybe(z.array(legSchema)), nhid: maybe(integer), metric: integer,
  prefsrc: maybe(text), expires: maybe(z.number()), pref: maybe(text), metrics: maybe(z.record(text, z.number())),
  netns: netnsSchema,
}) satisfies z.ZodType<RouteOutput>;

const span = z.tuple([integer, integer]).describe('first and last, inclusive');

export const ruleSchema = z.strictObject({
  family: z.enum(['ipv4', 'ipv6']), priority: integer, action: text, table: integer, tableName: maybe(text),
  protocol: maybe(integer), protocolName: maybe(text), not: maybe(z.literal(true)), from: maybe(text), to: maybe(text),
  iif: maybe(text), oif: maybe(text), tos: maybe(integer), fwmark: maybe(integer), fwmask: maybe(integer), l3mdev: maybe(z.literal(true)),
  uidrange: maybe(span), ipproto: maybe(integer), sport: maybe(span), dport: maybe(span), tunId: maybe(text),
  goto: maybe(integer), suppressPrefixLength: maybe(integer), suppressIfGroup: maybe(integer), text, netns: netnsSchema,
}) satisfies z.ZodType<RuleOutput>;

const kind = <Kind extends string, Shape extends z.core.$ZodLooseShape>(name: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(name), ...shape });
const scalar = z.union([z.number(), text]);

export const triggerSchema = z.discriminatedUnion('kind', [
  kind('netlink-request', { request: text, flags: z.array(text) }),
  kind('ioctl', { request: text }),
  kind('sysctl', { name: text, oldValue: maybe(scalar), value: maybe(scalar) }),
  kind('setsockopt', { option: z.enum(['join', 'leave', 'close']), address: maybe(text) }),
  kind('router-advertisement', { source: maybe(text), lifetime: maybe(z.number()), dev: maybe(text) }),
  kind('icmp-redirect', { source: maybe(text) }),
  kind('icmp-too-big', { source: maybe(text), mtu: maybe(integer) }),
  kind('link-state', { dev: maybe(text), ifindex: maybe(integer), state: maybe(text), mtu: maybe(integer), master: maybe(text) }),
  kind('device', { dev: maybe(text), ifindex: maybe(integer), event: maybe(z.enum(['created', 'removed', 'owner-gone'])) }),
  kind('namespace', { event: z.enum(['moved', 'destroyed']), dev: maybe(text) }),
  kind('address-change', { event: z.enum(['added', 'removed', 'changed']), address: maybe(text), dev: maybe(text), ifindex: maybe(integer) }),
  kind('address-lifetime', { address: maybe(text), dev: maybe(text) }),
  kind('route-lifetime', {}),
  kind('nexthop-change', { id: maybe(integer), event: z.enum(['added', 'replaced', 'removed', 'flushed']) }),
  kind('unknown', {}),
]) satisfies z.ZodType<Trigger>;

export const actorSchema = z.strictObject({
  kind: z.enum(['process', 'router', 'kernel', 'unknown']),
  pid: maybe(integer), comm: maybe(text), argv: maybe(z.array(text)), argvTruncated: maybe(z.boolean()), uid: maybe(integer),
  ancestry: maybe(z.array(z.strictObject({ pid: integer, comm: maybe(text), argv: maybe(z.array(text)) }))),
  unit: maybe(text), address: maybe(text),
}) satisfies z.ZodType<Actor>;
