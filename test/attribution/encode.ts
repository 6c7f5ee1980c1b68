import ipaddr from 'ipaddr.js';
import { builder } from '../netlink/build.ts';

const b = builder(true);

export interface LegSpec { readonly flags?: number; readonly dev?: number; readonly via?: string; readonly weight?: number }
export interface RouteSpec {
  readonly deleted?: boolean; readonly flags?: number; readonly seq?: number; readonly portid?: number;
  /** Decides the family too. */
  readonly dst: string;
  readonly table?: number; readonly protocol?: number; readonly scope?: number; readonly type?: number; readonly tos?: number; readonly metric?: number;
  readonly dev?: number; readonly via?: string; readonly legs?: readonly LegSpec[]; readonly nhid?: number; readonly prefsrc?: string;
  readonly metrics?: Readonly<Record<number, number>>; readonly pref?: 'low' | 'medium' | 'high';
  /** Of a message or dump; `lasts`: of a request. */
  readonly expiresSec?: number; readonly lasts?: number;
}

const address = (text: string): number[] => ipaddr.parse(text).toByteArray();
const family = (text: string): number => text.includes(':') ? 10 : 2;

function withHeader(bytes: Uint8Array, header: { flags?: number | undefined; seq?: number | undefined; portid?: number | undefined }): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setUint16(6, header.flags ?? 0, true);
  view.setUint32(8, header.seq ?? 0, true);
  view.setUint32(12, header.portid ?? 0, true);
  return bytes;
}

/** RTM_NEWROUTE or RTM_DELROUTE as the kernel writes it: table and destination first. */
export function routeBytes(spec: RouteSpec): Uint8Array {
  const [prefix = '', length = '0'] = spec.dst.split('/');
  const table = spec.table ?? 254;
  const leg = (one: LegSpec): number[] => {
    const attributes = one.via === undefined ? [] : b.attribute(5, address(one.via));
    return [...b.u16(8 + attributes.length), one.flags ?? 0, (one.weight ?? 1) - 1, ...b.u32(one.dev ?? 0), ...attributes];
  };
  const body: number[][] = [
    [family(prefix), Number(length), 0, spec.tos ?? 0, table > 255 ? 252 : table, spec.protocol ?? 3, spec.scope ?? 0, spec.type ?? 1, ...b.u32(0)],
    b.attribute(15, b.u32(table)),
    ...(Number(length) === 0 ? [] : [b.attribute(1, address(prefix))]),
    ...(spec.metric === undefined ? [] : [b.attribute(6, b.u32(spec.metric))]),
    ...(spec.prefsrc === undefined ? [] : [b.attribute(7, address(spec.prefsrc))]),
    ...(spec.via === undefined ? [] : [b.attribute(5, address(spec.via))]),
    ...(spec.dev === undefined ? [] : [b.attribute(4, b.u32(spec.dev))]),
    ...(spec.legs === undefined ? [] : [b.attribute(9, ...spec.legs.map(leg))]),
    ...(spec.nhid === undefined ? [] : [b.attribute(30, b.u32(spec.nhid))]),
    ...(spec.metrics === undefined ? [] : [b.attribute(8, ...Object.entries(spec.metrics).map(([name, value]) => b.attribute(Number(name), b.u32(value))))]),
    ...(spec.expiresSec === undefined ? [] : [b.attribute(12, b.u32(0), b.u32(0), b.u32(spec.expiresSec * 100), b.u32(0), b.u32(0), b.u32(0), b.u32(0), b.u32(0))]),
    ...(spec.pref === undefined ? [] : [b.attribute(20, [{ low: 3, medium: 0, high: 1 }[spec.pref]])]),
    ...(spec.lasts === undefined ? [] : [b.attribute(23, b.u32(spec.lasts))]),
  ];
  return withHeader(b.message(spec.deleted === true ? 25 : 24, ...body), { flags: spec.flags ?? (spec.deleted === true ? 0 : 0x600), seq: spec.seq, portid: spec.portid });
}

/** RTM_NEWADDR (20) or RTM_DELADDR (21): a request, or a notification. */
export function addressBytes(type: 20 | 21, text: string, dev: number, header: { seq?: number; portid?: number; validSec?: number } = {}): Uint8Array {
  const [own = '', length = '0'] = text.split('/');
  return withHeader(b.message(type, [family(own), Number(length), 0, 0, ...b.u32(dev)], b.attribute(2, address(own)),
    ...(header.validSec === undefined ? [] : [b.attribute(6, b.u32(header.validSec), b.u32(header.validSec), b.u32(0), b.u32(0))])), header);
}

/** RTM_NEWLINK (16) or RTM_DELLINK (17). */
export function linkBytes(type: 16 | 17, dev: number, more: { name?: string; up?: boolean; change?: number; vrfTable?: number; movesTo?: number; seq?: number; portid?: number } = {}): Uint8Array {
  const info = more.vrfTable === undefined ? [] : [b.attribute(18, b.attribute(1, b.text('vrf')), b.attribute(2, b.attribute(1, b.u32(more.vrfTable))))];
  const name = more.name === undefined ? [] : [b.attribute(3, b.text(more.name))];
  return withHeader(b.message(type, [0, 0, 1, 0, ...b.u32(dev), ...b.u32(more.up === false ? 0 : 1), ...b.u32(more.change ?? 0)], ...name, ...info, ...more.movesTo === undefined ? [] : [b.attribute(28, b.u32(more.movesTo))]), more);
}

/** RTM_NEWNEXTHOP (104) or RTM_DELNEXTHOP (105): a gateway over a device, or a group of others. */
export function nexthopBytes(id: number, more: { type?: 104 | 105; via?: string; dev?: number; group?: readonly number[]; flags?: number; seq?: number; portid?: number } = {}): Uint8Array {
  const group = more.group === undefined ? [] : [b.attribute(2, ...more.group.map(member => [...b.u32(member), 0, 0, 0, 0]))];
  const way = more.group === undefined ? [b.attribute(5, b.u32(more.dev ?? 3)), ...(more.via === undefined ? [] : [b.attribute(6, address(more.via))])] : [];
  return withHeader(b.message(more.type ?? 104, [2, 0, 4, 0, ...b.u32(0)], b.attribute(1, b.u32(id)), ...group, ...way), more);
}

export const addressOf = (text: string): Uint8Array => Uint8Array.from(address(text));
/** As a probe prints a C string: whole words, zeros behind it. */
export function cString(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(new TextEncoder().encode(text).subarray(0, length - 1));
  return bytes;
}
