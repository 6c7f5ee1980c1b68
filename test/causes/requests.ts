import { linkBytes } from '../attribution/encode.ts';
import { builder } from '../netlink/build.ts';
import type { RootCall } from './path.ts';

const b = builder(true);
const call = (bytes: Uint8Array): RootCall => ({ fn: 'rtnetlink_rcv_msg', bytes });
function setlink(...attributes: readonly (readonly number[])[]): Uint8Array {
  const bytes = b.message(16, [0, 0, 0, 0, ...b.u32(4), ...b.u32(0), ...b.u32(0)], ...attributes.map(one => [...one]));
  // NLM_F_REQUEST and NLM_F_ACK: nothing is to be created.
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(6, 5, true);
  return bytes;
}

/** Requests for device d4 as iproute2 sends them. */
export const LINK = {
  up: call(linkBytes(16, 4, { up: true, change: 1 })),
  down: call(linkBytes(16, 4, { up: false, change: 1 })),
  deleted: call(linkBytes(17, 4)),
  masterDeleted: call(linkBytes(17, 9)),
  mtu: call(setlink(b.attribute(4, b.u32(60)))),
  master: call(setlink(b.attribute(10, b.u32(9)))),
  moved: call(setlink(b.attribute(19, b.u32(1234)))),
  token: call(setlink(b.attribute(26, b.attribute(10, b.attribute(7, Array.from({ length: 16 }, () => 1)))))),
} as const;
