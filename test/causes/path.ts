import type { Facts } from '../../src/model/attribution.ts';
import type { ProbeFields } from '../../src/model/fields.ts';
import type { Trigger } from '../../src/model/output.ts';
import type { RouteEffect } from '../../src/model/route.ts';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { bootTime } from '../../src/model/time.ts';
import { NETNS } from '../model/build.ts';
import { ROUTES, type Look } from './looks.ts';

/** A root function as the tracker of calls knows it; `bytes`: the netlink request that entered. */
export interface RootCall { readonly fn: string; readonly bytes?: Uint8Array; readonly fields?: ProbeFields }

/** One way of the kernel to a FIB, and the cause that it is. Rows of one look and effect leave the same bytes behind. */
export interface KernelPath {
  readonly is: string;
  readonly effect: RouteEffect;
  readonly look: Look;
  /** "recording NAME": the stack was recorded by fixtures/scenarios/NAME; "map ROW": from the map of the kernel's paths, 6.1 unless it says otherwise. */
  readonly from: string;
  readonly what: string;
  /** Innermost first; none where the message carried a port id and no stack was walked. */
  readonly frames?: readonly string[];
  /** The stack on which the deferred work was queued. */
  readonly queued?: readonly string[];
  /** The root call, as far as causes read it. */
  readonly call?: RootCall;
  readonly request?: { readonly type: number; readonly flags: number };
  /** Told where the trigger is another one than that of the root call. */
  readonly trigger?: Trigger['kind'];
}

/** "a < b < c", innermost first, as the map writes chains the other way round. */
export const stack = (...parts: readonly string[]): readonly string[] => parts.flatMap(part => part.split('<')).map(frame => frame.trim());

export function factsOf({ effect, look, frames, queued, call, request }: KernelPath): Facts {
  const time = bootTime(2_000_000_000n);
  const where = frames?.some(frame => frame === 'process_one_work') === true ? 'kworker' : frames?.includes('net_rx_action') === true ? 'softirq' : 'task';
  const at = { time, tid: 5151, pid: 5151 } as const;
  return {
    change: { netns: NETNS, time, change: effect, silent: frames?.[0] !== 'rtnl_notify' && frames !== undefined, route: ROUTES[look] },
    where, ...(frames === undefined ? {} : { frames }),
    act: {
      id: '1', time, where: 'task', actor: { kind: 'process', pid: 5151, comm: 'ip' },
      ...(call === undefined ? {} : { call: { fn: call.fn, ...at, fields: { netns: NETNS.inode, ...call.fields }, via: [], ...(call.bytes === undefined ? {} : { request: decodeMessage(call.bytes) }) } }),
    },
    ...(queued === undefined ? {} : { deferral: { fn: 'mod_delayed_work_on', object: 1n, queuedFrames: queued, call: { fn: 'addrconf_dad_work', ...at, fields: {}, via: [] } } }),
    ...(request === undefined ? {} : { request: { ...request, exact: true } }),
    names: { device: ifindex => `d${ifindex}`, kind: () => undefined, vrf: () => undefined },
  };
}
