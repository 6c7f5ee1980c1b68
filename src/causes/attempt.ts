import type { Attempt } from '../model/attribution.ts';
import { changeFlagNames } from '../netlink/names.ts';
import { errorName, errorText } from '../netlink/errors.ts';
import { attemptAdvice } from './attempt-advice.ts';
import { askedOf, targetText } from './attempt-words.ts';
import type { Cause } from './cause.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';

export const requestRefused: Cause<Attempt> = {
  id: 'request-refused',
  title: 'a program asked, and the kernel refused',
  summary: 'A request for a route, a rule, an address, a link or a nexthop object got an error for an answer: nothing changed, or not all of it. Many programs hide that, or tell it in a log nobody reads. It is told only with `--attempts`.',
  probes: ['netlink_ack', 'ip_rt_ioctl', 'ipv6_route_ioctl'],
  path: ['netlink_sendmsg', 'netlink_rcv_skb', 'rtnetlink_rcv_msg', 'netlink_ack'],
  signature: [],
  match: facts => {
    const { asked } = facts.change;
    if (asked.kind === 'ioctl') return { trigger: triggerOf(facts) };
    return { trigger: { kind: 'netlink-request', request: askedOf(asked.header).verb, flags: changeFlagNames(asked.header.flags) } };
  },
  headline: ({ change, names }, _trigger, actor) =>
    `${actor} could not ${whatFor(change, targetText(change, names))}: ${change.message ?? errorText(change.errno)} (${errorName(change.errno)})`,
  references: [REFERENCES.rtnetlink, REFERENCES.netlink],
  advice: ({ change, names }) => attemptAdvice(change, names),
};

function whatFor({ asked }: Attempt, target: string | undefined): string {
  if (asked.kind === 'ioctl') return `${asked.request === 'SIOCDELRT' ? 'delete' : 'add'} a route by ioctl ${asked.request}`;
  const { object, verb } = askedOf(asked.header);
  return target === undefined ? `${verb} a ${object}` : `${verb} ${object} ${target}`;
}
