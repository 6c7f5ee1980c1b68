import type { NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { PartialRoute } from '../fib/apply.ts';
import { AF_INET, formatIpv4, formatIpv6, addressOfBytes } from '../netlink/address.ts';

/** Namespace of a kernel record. */
export function netnsOf(record: ProbeObservation): NetnsRef | undefined {
  const { netns, cookie } = record.fields;
  return netns === undefined ? undefined : { inode: netns, ...(cookie === undefined || cookie === 0n ? {} : { cookie }) };
}

/** What fib_notify_alias_delete or fib6_purge_rt could read of the route that went. */
export function partialRouteOf(record: ProbeObservation): PartialRoute | undefined {
  const { fields } = record;
  const { table, dstlen, metric } = fields;
  if (table === undefined || dstlen === undefined || metric === undefined) return undefined;
  const dst = destination(record);
  if (dst === undefined) return undefined;
  const leg = legOf(record);
  const { src, srclen } = fields;
  return {
    family: fields.family === AF_INET ? 'ipv4' : 'ipv6', table, dst: `${dst}/${dstlen}`, tos: fields.tos ?? 0, metric,
    ...(fields.rtype === undefined ? {} : { type: fields.rtype }),
    ...(fields.protocol === undefined ? {} : { protocol: fields.protocol }),
    ...(fields.nhid === undefined || fields.nhid === 0 ? {} : { nhid: fields.nhid }),
    ...(leg === undefined ? {} : { leg }),
    ...(src === undefined || src.length < 16 || srclen === undefined || srclen === 0 ? {} : { src: `${formatIpv6(src, 0)}/${srclen}` }),
  };
}

function destination(record: ProbeObservation): string | undefined {
  const { family, key, dst } = record.fields;
  if (family === AF_INET && key !== undefined) {
    // The key is in host byte order.
    return formatIpv4(Uint8Array.of(key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255), 0);
  }
  return dst === undefined || dst.length < 16 ? undefined : formatIpv6(dst, 0);
}

function legOf(record: ProbeObservation): PartialRoute['leg'] {
  const { ifindex, gateway, gwfamily } = record.fields;
  if (ifindex === undefined || ifindex === 0) return undefined;
  const via = addressOfBytes(gateway, gwfamily);
  return { ifindex, weight: 1, flags: 0, ...(via === undefined ? {} : { gateway: via }) };
}
