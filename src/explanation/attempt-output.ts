import { requestText, targetText } from '../causes/attempt-words.ts';
import { ATTEMPT_CAUSES } from '../causes/index.ts';
import type { AttributionOf } from '../model/attribution.ts';
import type { AttemptOutput } from '../model/output.ts';
import { errorName, errorText } from '../netlink/errors.ts';
import { explained } from './explained.ts';
import type { Names } from './names.ts';
import { routeOutput } from './route-output.ts';
import { ruleOutput } from './rule-output.ts';

/** A request that was refused, with what it asked for as far as that can be told. */
export function attemptOutput(attribution: AttributionOf<'attempt'>, names: Names, options: { readonly id: string; readonly clockOffsetNs: bigint }): AttemptOutput {
  const { change, names: lookup } = attribution;
  const { netns, asked, errno, message } = change;
  const target = asked.kind === 'route' || asked.kind === 'rule' ? undefined : targetText(change, lookup);
  const netnsName = names.netns(netns);
  const result = `the kernel refused: ${message ?? errorText(errno)} (${errorName(errno)})`;
  const { head, body } = explained(attribution, { ...options, table: ATTEMPT_CAUSES, result });
  return {
    kind: 'attempt', ...head, request: requestText(change),
    ...(asked.kind === 'route' ? { route: routeOutput(asked.route, { netns, route: asked.route }, lookup, names) } : {}),
    ...(asked.kind === 'rule' ? { rule: ruleOutput({ netns, rule: asked }, lookup, names) } : {}),
    ...(target === undefined ? {} : { target }),
    errno, error: errorName(errno), ...(message === undefined ? {} : { message }),
    netns: { inode: netns.inode, ...(netnsName === undefined ? {} : { name: netnsName }) }, ...body,
  };
}
