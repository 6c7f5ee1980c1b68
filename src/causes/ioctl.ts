import { formatIpv4 } from '../netlink/address.ts';
import { stringOf } from '../processes/argv.ts';

/** include/uapi/linux/sockios.h */
export const IOCTL_NAMES: Readonly<Record<number, string>> = {
  0x890b: 'SIOCADDRT', 0x890c: 'SIOCDELRT', 0x8914: 'SIOCSIFFLAGS', 0x8916: 'SIOCSIFADDR', 0x8918: 'SIOCSIFDSTADDR',
  0x891a: 'SIOCSIFBRDADDR', 0x891c: 'SIOCSIFNETMASK', 0x8922: 'SIOCSIFMTU', 0x8923: 'SIOCSIFNAME', 0x8924: 'SIOCSIFHWADDR',
};

/** The first 24 bytes of `struct ifreq`: the name of the device, or of one of its addresses (eth0:1), then flags, an MTU or a `struct sockaddr_in`, by what was asked. */
export function readIfreq(bytes: Uint8Array): { dev: string; isAlias: boolean; flags: number; mtu: number; address: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [dev = '', ...label] = stringOf(bytes.subarray(0, 16)).split(':');
  return {
    dev, isAlias: label.length > 0,
    flags: bytes.length >= 18 ? view.getInt16(16, true) : 0,
    mtu: bytes.length >= 20 ? view.getInt32(16, true) : 0,
    address: bytes.length >= 24 ? formatIpv4(bytes, 20) : '',
  };
}
