/** A netlink socket of a namespace, as /proc/net/netlink lists it. */
interface NetlinkSocket { readonly protocol: number; readonly portid: number; readonly drops: number; readonly inode: number }

const NETLINK_ROUTE = 0;

/** Columns: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode (netlink_native_seq_show(), 5.10 to 7.2). */
const socketsOf = (table: string): readonly NetlinkSocket[] => table.split('\n').flatMap(line => {
  const [, protocol = NaN, portid = NaN, , , , , , drops = NaN, inode = NaN] = line.trim().split(/\s+/).map(Number);
  return [protocol, portid, drops, inode].every(Number.isSafeInteger) ? [{ protocol, portid, drops, inode }] : [];
});

/** The NETLINK_ROUTE sockets of programs: the kernel's own have port id 0. */
export const routingSockets = (table: string): readonly NetlinkSocket[] => socketsOf(table).filter(({ protocol, portid }) => protocol === NETLINK_ROUTE && portid !== 0);

export const inodeOfPort = (table: string, portid: number): number | undefined => routingSockets(table).find(socket => socket.portid === portid)?.inode;

/** Messages that the kernel could not queue on this socket since it was opened. */
export const dropsOf = (table: string, inode: number): number | undefined => socketsOf(table).find(socket => socket.inode === inode)?.drops;
