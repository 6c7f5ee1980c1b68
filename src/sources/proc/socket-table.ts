const NETLINK_ROUTE = '0';

/** Columns of /proc/net/netlink: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode (netlink_native_seq_show(), 5.10 to 7.2). */
export function inodeOfPort(table: string, portid: number): number | undefined {
  for (const line of table.split('\n')) {
    const [, protocol, port, , , , , , , inode] = line.trim().split(/\s+/);
    if (protocol === NETLINK_ROUTE && port === String(portid)) return Number(inode);
  }
  return undefined;
}
