import type { Call } from '../model/attribution.ts';
import type { Actor } from '../model/output.ts';
import { formatIpv6 } from '../netlink/address.ts';

/** The router whose packet a call of ndisc_rcv() works on. */
export function routerOf(call: Call): Actor | undefined {
  const { src } = call.fields;
  return call.fn !== 'ndisc_rcv' ? undefined : { kind: 'router', ...(src === undefined || src.length < 16 ? {} : { address: formatIpv6(src, 0) }) };
}
