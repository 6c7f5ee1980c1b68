import type { Wire } from './wire.ts';
import { attributeType, hasAttribute, nextAttribute, payloadLength, readU32 } from './wire.ts';

/**
 * RTAX_* of include/uapi/linux/rtnetlink.h by iproute2's words. RTAX_CC_ALGO (16) is text, not a number, and has none.
 * `lock` is a bit mask of the others.
 */
const NAMES: readonly (string | undefined)[] = [
  undefined, 'lock', 'mtu', 'window', 'rtt', 'rttvar', 'ssthresh', 'cwnd', 'advmss', 'reordering', 'hoplimit',
  'initcwnd', 'features', 'rto_min', 'initrwnd', 'quickack', undefined, 'fastopen_no_cookie',
];

/** RTAX_* -> "mtu"; undefined: unknown, or no number. */
export const metricName = (number: number): string | undefined => NAMES[number];

/** Numbers as the kernel has them: rtt in 1/8 ms, rttvar in 1/4 ms, rto_min in ms. Undefined where there is none. */
export function decodeMetrics(wire: Wire, from: number, end: number): Readonly<Record<string, number>> | undefined {
  let metrics: Record<string, number> | undefined;
  for (let at = from; hasAttribute(wire, at, end); at = nextAttribute(wire, at)) {
    const name = NAMES[attributeType(wire, at)];
    if (name === undefined || payloadLength(wire, at) < 4) continue;
    metrics ??= {};
    metrics[name] = readU32(wire, at, 0);
  }
  return metrics;
}
