import type { Address } from '../netlink/parse-address.ts';
import { vrfOf, type Situation } from './situation.ts';

/** A packet of this host that has to find its way: what the lookup is about. */
export interface Flow {
  readonly dst: Address;
  readonly src?: Address;
  readonly mark: number;
  /** Who asks: rules with uidrange look at it. */
  readonly uid: number;
  /** The device that it was bound to: a leg has to use it, unless it is a VRF. */
  readonly oif?: number;
}

const IPPROTO_UDP = 17;

/** What a lookup compares with, as the kernel fills it in for a question by RTM_GETROUTE. */
export interface LookupKey extends Flow {
  /** A VRF is no device to send by: it chooses the table (net/l3mdev/l3mdev.c l3mdev_update_flow()). */
  readonly legDevice?: number;
  readonly vrf?: { readonly ifindex: number; readonly table: number };
  /** inet_rtm_getroute() takes UDP where nothing is said, inet6_rtm_getroute() nothing. */
  readonly ipProtocol: number;
}

export function lookupKey(flow: Flow, situation: Situation): LookupKey {
  const master = vrfOf(situation, flow.oif);
  return {
    ...flow,
    ...(flow.oif === undefined || master?.ifindex === flow.oif ? {} : { legDevice: flow.oif }),
    ...(master?.vrfTable === undefined ? {} : { vrf: { ifindex: master.ifindex, table: master.vrfTable } }),
    ipProtocol: flow.dst.family === 'ipv4' ? IPPROTO_UDP : 0,
  };
}
