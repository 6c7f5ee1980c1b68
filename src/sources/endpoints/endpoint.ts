import type { EndpointObservation } from '../../model/observation.ts';
import type { RouteQuestion } from '../../netlink/lookup-requests.ts';
import type { Address } from '../../netlink/parse-address.ts';
import { parseAddress } from '../../netlink/parse-address.ts';

/** An endpoint as it is told, and what the kernel is asked about it. */
export interface Endpoint {
  readonly told: Omit<EndpointObservation, 'kind' | 'source' | 'time' | 'netns' | 'event'>;
  readonly question: Omit<RouteQuestion, 'fibMatch'>;
  /** The local address, where it has a fixed one: is it still this host's? */
  readonly from?: Omit<RouteQuestion, 'fibMatch'>;
  /** What sock_diag knows the socket by. */
  readonly socket?: { readonly af: number; readonly protocol: number; readonly id: Uint8Array; readonly inode: number; readonly hasMark: boolean };
  /** Its packets are bound to a device, and not only to a VRF. */
  readonly isBound?: true;
  /** The neighbour that a BGP session, or the lack of one, is about. */
  readonly neighbour?: string;
  /** Of a peer: the daemon. */
  readonly pid?: number;
}

interface Selector { readonly oif?: number | undefined; readonly mark?: number | undefined; readonly tos?: number | undefined; readonly uid?: number | undefined; readonly ipProtocol?: number | undefined; readonly ports?: RouteQuestion['ports'] | undefined }

/** What is asked, without what is not known; undefined: `remote` is no address, or none that can move. */
export function questionOf(remote: string, local: string | undefined, selector: Selector): Pick<Endpoint, 'question' | 'from'> | undefined {
  const dst = parseAddress(remote);
  if (dst === undefined || isFixed(dst)) return undefined;
  const src = local === undefined ? undefined : parseAddress(local);
  const { oif, mark, tos, uid, ipProtocol, ports } = selector;
  const common = { ...(oif === undefined || oif === 0 ? {} : { oif }), ...(mark === undefined || mark === 0 ? {} : { mark }), ...(uid === undefined ? {} : { uid }) };
  return {
    question: {
      dst, ...(src === undefined ? {} : { src }), ...common, ...(tos === undefined || tos === 0 ? {} : { tos }),
      ...(ipProtocol === undefined ? {} : { ipProtocol }), ...(ports === undefined ? {} : { ports }),
    },
    ...(src === undefined ? {} : { from: { dst: src, ...common } }),
  };
}

/** Loopback, unspecified and multicast addresses. */
function isFixed({ family, value }: Address): boolean {
  if (family === 'ipv4') return value >> 24n === 127n || value === 0n || value >> 28n === 0xen;
  return value <= 1n || value >> 120n === 0xffn;
}
