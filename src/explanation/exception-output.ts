import { EXCEPTION_CAUSES } from '../causes/index.ts';
import type { AttributionOf } from '../model/attribution.ts';
import type { ExceptionOutput } from '../model/output.ts';
import { explained } from './explained.ts';
import type { Names } from './names.ts';

/** An exception to the routes, with the names that people know its numbers by. */
export function exceptionOutput(attribution: AttributionOf<'exception'>, names: Names, options: { readonly id: string; readonly clockOffsetNs: bigint }): ExceptionOutput {
  const { event, family, dst, gateway, mtu, ifindex, expiresSec, netns } = attribution.change;
  const dev = ifindex === undefined ? undefined : attribution.names.device(ifindex);
  const netnsName = names.netns(netns);
  const result = event === 'path-mtu' ? `packets to ${dst} are at most ${mtu ?? '?'} bytes long` : `packets to ${dst} go ${gateway === undefined ? 'to it directly' : `via ${gateway}`}`;
  const { head, body } = explained(attribution, { ...options, table: EXCEPTION_CAUSES, result });
  return {
    kind: 'exception', ...head, event, family, dst,
    ...(gateway === undefined ? {} : { gateway }), ...(mtu === undefined ? {} : { mtu }),
    ...(dev === undefined ? {} : { dev }), ...(ifindex === undefined ? {} : { ifindex }),
    netns: { inode: netns.inode, ...(netnsName === undefined ? {} : { name: netnsName }) }, ...(expiresSec === undefined ? {} : { expires: expiresSec }),
    ...body,
  };
}
