import { routeBytes, type LegSpec, type RouteSpec } from '../attribution/encode.ts';

/**
 * How the kernel keeps routes and what it tells of changes, written down a second time and in the kernel's own terms: one list per prefix
 * (aliases in net/ipv4/fib_trie.c, leaves in net/ipv6/ip6_fib.c), in order. Each operation returns the bytes of its notification, if any.
 */
export interface KernelModel {
  run(op: Op): Uint8Array | undefined;
  /** The answer to a dump request. */
  dump(): Uint8Array[];
}

export type Verb = 'add' | 'append' | 'prepend' | 'replace' | 'delete-leg' | 'delete-all';
export interface Op { readonly verb: Verb; readonly dst: string; readonly metric: number; readonly tos: number; readonly protocol: number; readonly legs: readonly LegSpec[] }

interface Leaf { readonly dst: string; readonly metric: number; readonly tos: number; readonly protocol: number; readonly leg: LegSpec }

const EXISTS = undefined;
const sameLeg = (a: LegSpec, b: LegSpec): boolean => a.dev === b.dev && a.via === b.via;
const spec = (leaf: Leaf, more: Partial<RouteSpec>): RouteSpec =>
  ({ dst: leaf.dst, metric: leaf.metric, tos: leaf.tos, protocol: leaf.protocol, ...leaf.leg, ...more });

/** fib_table_insert() and fib_table_delete(): single legs suffice, a fib_info is compared whole. */
export function createIpv4Model(): KernelModel {
  let aliases: Leaf[] = [];
  const slot = (op: Op): Leaf[] => aliases.filter(one => one.dst === op.dst && one.tos === op.tos && one.metric === op.metric);
  const put = (list: Leaf[], op: Op): void => { aliases = [...aliases.filter(one => !(one.dst === op.dst && one.tos === op.tos && one.metric === op.metric)), ...list]; };
  return {
    run(op) {
      const [leg = {}] = op.legs;
      const made: Leaf = { ...op, leg };
      const list = slot(op);
      const same = list.findIndex(one => one.protocol === made.protocol && sameLeg(one.leg, made.leg));
      if (op.verb === 'delete-leg' || op.verb === 'delete-all') {
        // Without a nexthop in the request any alias of the slot will do: the first one goes.
        const gone = op.verb === 'delete-all' ? 0 : same;
        const old = list[gone];
        if (old === undefined) return EXISTS;
        put(list.toSpliced(gone, 1), op);
        return routeBytes(spec(old, { deleted: true }));
      }
      if (list.length === 0) { put([made], op); return routeBytes(spec(made, { flags: 0x600 })); }
      if (op.verb === 'add') return EXISTS;
      if (op.verb === 'replace') {
        if (same >= 0) return EXISTS;
        put([made, ...list.slice(1)], op);
        return routeBytes(spec(made, { flags: 0x100 }));
      }
      if (same >= 0) return EXISTS;
      put(op.verb === 'append' ? [...list, made] : [made, ...list], op);
      return routeBytes(spec(made, { flags: op.verb === 'append' ? 0xc00 : 0x400 }));
    },
    dump: () => aliases.map(one => routeBytes(spec(one, { flags: 2 }))),
  };
}

/** fib6_add_rt2node(), fib6_del_route() and the multipath requests: every leg is a route of its own, those with gateways are siblings. */
/** Every change of the model was asked for by a program. */
const REQUESTER = 4242;

export function createIpv6Model(): KernelModel {
  let leaves: Leaf[] = [];
  const isEcmp = (leaf: Leaf): boolean => leaf.leg.via !== undefined;
  const slot = (op: { dst: string; metric: number }): Leaf[] => leaves.filter(one => one.dst === op.dst && one.metric === op.metric);
  const put = (list: Leaf[], op: { dst: string; metric: number }): void => { leaves = [...leaves.filter(one => !(one.dst === op.dst && one.metric === op.metric)), ...list]; };
  /** rt6_fill_node(): the route itself first, then its siblings round the ring. */
  const fill = (leaf: Leaf, more: Partial<RouteSpec>): Uint8Array => {
    const ring = isEcmp(leaf) ? slot(leaf).filter(isEcmp) : [leaf];
    const from = Math.max(0, ring.indexOf(leaf));
    const legs = ring.length > 1 ? [...ring.slice(from), ...ring.slice(0, from)].map(one => one.leg) : undefined;
    const { leg: _, ...head } = leaf;
    return routeBytes({ ...head, ...(legs === undefined ? leaf.leg : { legs }), ...more });
  };

  function insert(made: Leaf, replace: boolean): boolean {
    const list = slot(made);
    if (replace && list.length > 0) {
      const kin = list.findIndex(one => isEcmp(one) === isEcmp(made));
      const at = kin < 0 ? 0 : kin;
      const old = list[at];
      const goes = (one: Leaf): boolean => one === old || (old !== undefined && isEcmp(old) && isEcmp(one));
      put([...list.slice(0, at).filter(one => !goes(one)), made, ...list.slice(at).filter(one => !goes(one))], made);
      return true;
    }
    if (list.some(one => sameLeg(one.leg, made.leg))) return false;
    put([...list, made], made);
    return true;
  }

  return {
    run(op) {
      const list = slot(op);
      const { legs: _, verb, ...head } = op;
      if (verb === 'delete-all' || verb === 'delete-leg') {
        const [leg] = op.legs;
        const at = verb === 'delete-leg' ? list.findIndex(one => leg !== undefined && sameLeg(one.leg, leg)) : 0;
        const old = list[at];
        if (old === undefined) return EXISTS;
        if (verb === 'delete-all' && isEcmp(old)) {
          const bytes = fill(old, { deleted: true });
          put(list.filter(one => !isEcmp(one)), op);
          return bytes;
        }
        put(list.toSpliced(at, 1), op);
        return routeBytes({ ...spec(old, { deleted: true }) });
      }
      if (verb === 'add' && list.length > 0) return EXISTS;
      const wasEmpty = list.length === 0;
      const made = op.legs.map((leg): Leaf => ({ ...head, leg }));
      const put1 = made.filter((one, i) => insert(one, verb === 'replace' && i === 0));
      const [first] = put1;
      if (first === undefined) return EXISTS;
      if (op.legs.length > 1) {
        // ip6_route_mpath_notify(): one message for all, from the first sibling on where it was an append.
        const head1 = verb === 'replace' ? first : slot(op).find(isEcmp) ?? first;
        return fill(head1, { portid: REQUESTER, flags: verb === 'replace' ? 0x100 : verb === 'append' ? 0xc00 : 0x400 });
      }
      const flags = verb === 'replace' && !wasEmpty ? 0x100 : wasEmpty ? (verb === 'append' ? 0xe00 : 0x600) : verb === 'append' ? 0xc00 : 0x400;
      return fill(first, { portid: REQUESTER, flags });
    },
    dump() {
      const told = new Set<Leaf>();
      return leaves.flatMap((leaf) => {
        if (told.has(leaf)) return [];
        for (const one of isEcmp(leaf) ? slot(leaf).filter(isEcmp) : [leaf]) told.add(one);
        return [fill(leaf, { flags: 2 })];
      });
    },
  };
}
