import { assertNever } from '../model/errors.ts';
import type { AttemptOutput, ChangeOutput, ExceptionOutput, NetnsOutput, OutputRecord, RouteChangeOutput } from '../model/output.ts';
import { namedNumber, netnsText, routeFields, routeText } from './words.ts';

/** What a record did: `present` was found at the start, `refused` is a request that did nothing. */
export type Effect = RouteChangeOutput['change'] | 'present' | 'set' | 'cleared' | 'exception' | 'refused';

/** Any record that says what happened to routing. */
export const isChange = (record: OutputRecord): record is ChangeOutput => 'verdict' in record;

export const effectOf = (record: ChangeOutput): Effect =>
  record.kind === 'route-present' ? 'present' : record.kind === 'exception' ? 'exception' : record.kind === 'attempt' ? 'refused' : record.change;

/** The kernel told nobody. */
export const isSilent = (record: ChangeOutput): boolean => 'silent' in record && record.silent;

/** One or two characters: what happened, and `!` where the kernel told nobody. */
export const signText = (record: ChangeOutput, unicode = true): string => `${SIGNS[effectOf(record)](unicode)}${isSilent(record) ? '!' : ''}`;

const SIGNS: Readonly<Record<Effect, (unicode: boolean) => string>> = {
  present: () => '=', add: () => '+', append: unicode => unicode ? '\u00bb' : '>', replace: () => '~', delete: () => '-', set: () => '*', cleared: () => '*',
  exception: () => '^', refused: unicode => unicode ? '\u00d7' : 'x',
};

/** The effect in words, for where the sign alone would have to be known by heart. */
export function effectWords(record: ChangeOutput): string {
  const effect = effectOf(record);
  if (record.kind === 'route-flags') return `flags ${record.flags.join(' ')} ${record.change}, silent: no message tells`;
  if (effect === 'present') return 'found at the start';
  if (effect === 'exception') return 'exception: the routes are as before';
  const position = 'position' in record && record.position !== undefined && effect === 'append' ? ` (${record.position})` : '';
  return `${effect}${position}${isSilent(record) ? ', silent: the kernel sent no notification' : ''}`;
}

/** What it happened to, as iproute2 words it. `netns`: across namespaces, each is told. */
export function subjectText(record: ChangeOutput, options: { readonly netns?: boolean } = {}): string {
  switch (record.kind) {
    // Of a route that loses a leg and stays, what went is the leg.
    case 'route-change': return routeText(record.route, { ...options, ...(record.change === 'delete' && record.route.legs !== undefined ? { legs: record.route.legs } : {}) });
    case 'route-present': return routeText(record.route, options);
    case 'route-flags': return `${routeText(record.route, options)}  ${record.change === 'set' ? 'now' : 'no longer'} ${record.flags.join(' ')}`;
    case 'rule-change': {
      const { rule } = record;
      return [rule.family === 'ipv6' ? '-6 rule' : 'rule', rule.text, options.netns === true ? `netns ${netnsText(rule.netns)}` : '']
        .filter(text => text !== '').join(' ');
    }
    case 'exception': return exceptionText(record, options);
    case 'attempt': return attemptText(record, options);
    default: return assertNever(record);
  }
}

function exceptionText({ event, dst, gateway, dev, mtu, netns }: ExceptionOutput, options: { readonly netns?: boolean }): string {
  const part = (word: string, value: string | number | undefined): string => value === undefined ? '' : `${word} ${value}`;
  return [event, dst, part('via', gateway), part('dev', dev), part('mtu', mtu), options.netns === true ? part('netns', netnsText(netns)) : ''].filter(text => text !== '').join(' ');
}

function attemptText({ request, route, rule, target, netns }: AttemptOutput, options: { readonly netns?: boolean }): string {
  if (route !== undefined) return `${request} ${routeText(route, options)}`;
  const where = options.netns === true ? `netns ${netnsText(netns)}` : '';
  return [rule?.family === 'ipv6' ? `-6 ${request}` : request, rule?.text ?? target ?? '', where].filter(text => text !== '').join(' ');
}

/** The namespace it happened in. */
export function netnsOf(record: ChangeOutput): NetnsOutput {
  switch (record.kind) {
    case 'route-change': case 'route-present': case 'route-flags': return record.route.netns;
    case 'rule-change': return record.rule.netns;
    case 'exception': case 'attempt': return record.netns;
    default: return assertNever(record);
  }
}

/** What `subjectText` leaves out. */
export function subjectFields(record: ChangeOutput): string {
  switch (record.kind) {
    case 'route-change': case 'route-present': case 'route-flags': return routeFields(record.route);
    case 'rule-change': {
      const { rule } = record;
      return [rule.protocol === undefined ? '' : `proto ${namedNumber(rule.protocol, rule.protocolName)}`, `table ${namedNumber(rule.table, rule.tableName)}`, `netns ${netnsText(rule.netns)}`]
        .filter(text => text !== '').join('  ');
    }
    case 'exception': return [record.expires === undefined ? '' : `expires ${record.expires}s`, `netns ${netnsText(record.netns)}`].filter(text => text !== '').join('  ');
    case 'attempt': return [`${record.error} (${record.errno})`, record.route === undefined ? `netns ${netnsText(record.netns)}` : routeFields(record.route)].join('  ');
    default: return assertNever(record);
  }
}
