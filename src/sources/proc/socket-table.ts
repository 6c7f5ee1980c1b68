const NETLINK_ROUTE = '0';

/** Columns of /proc/net/netlink: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode (netlink_native_seq_show(), 5.10 to 7.2). */
export function inodeOfPort(table: string, portid: number): number | undefined {
  for (const line of table.split('\n')) {
    const [, protocol, port, , , , , , , inode] = line.trim().split(/\s+/);
    if (protocol === NETLINK_ROUTE && port === String(portid)) return Number(inode);
  }
  return undefined;
}

/** The NETLINK_ROUTE sockets of programs: the kernel's own have port id 0. */
export function routingSockets(table: string): { readonly portid: number; readonly inode: number }[] {
  return table.split('\n').flatMap(line => {
    const [, protocol, port, , , , , , , inode] = line.trim().split(/\s+/);
    return protocol === NETLINK_ROUTE && port !== '0' && inode !== undefined ? [{ portid: Number(port), inode: Number(inode) }] : [];
  });
}
