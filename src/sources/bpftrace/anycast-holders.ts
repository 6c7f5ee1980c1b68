import { execa } from 'execa';

/** A socket that is member of an anycast group; `address`: 32 hexadecimal digits. */
export interface AnycastSocket { readonly pid: number; readonly ifindex: number; readonly address: string }

/** Memberships of one socket that are read: a loop has to end. */
const MEMBERSHIPS = 8;
/** On a busy host a walk over all files takes its time, and nobody wants to wait longer. */
const LIMIT_MS = 30_000;

/**
 * A walk over the open files of all processes (a BPF iterator, from Linux 5.8): struct inet_sock.pinet6->ipv6_ac_list of each IPv6 socket
 * (net/ipv6/anycast.c ipv6_sock_ac_join()). S_IFMT is 0170000, S_IFSOCK 0140000. It attaches to nothing that runs.
 */
const SCRIPT = `iter:task_file
{
  $file = (struct file *)ctx->file;
  if ((uint64)$file != 0 && ($file->f_inode->i_mode & 0xf000) == 0xc000) {
    $socket = (struct socket *)$file->private_data;
    $sk = $socket->sk;
    if ((uint64)$sk != 0 && $sk->__sk_common.skc_family == 10 && $sk->__sk_common.skc_net.net->ns.inum == (uint32)$1) {
      $one = ((struct inet_sock *)$sk)->pinet6->ipv6_ac_list;
      unroll(${MEMBERSHIPS}) {
        if ((uint64)$one != 0) {
          printf("holder %d %d %x %x %x %x\\n", ctx->task->tgid, $one->acl_ifindex, $one->acl_addr.in6_u.u6_addr32[0], $one->acl_addr.in6_u.u6_addr32[1],
            $one->acl_addr.in6_u.u6_addr32[2], $one->acl_addr.in6_u.u6_addr32[3]);
          $one = $one->acl_next;
        }
      }
    }
  }
}`;

/** Who holds memberships in a namespace, by its inode. undefined: it could not be found out here (no root, no bpftrace, no such iterator). */
export async function readAnycastSockets(netnsInode: number): Promise<readonly AnycastSocket[] | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const result = await execa('bpftrace', ['-q', '-e', SCRIPT, String(netnsInode)], { reject: false, timeout: LIMIT_MS, forceKillAfterDelay: 1000, stdin: 'ignore' });
  return result.failed ? undefined : parseAnycastSockets(result.stdout);
}

/** Words of the address as a little-endian kernel has them in memory. */
export function parseAnycastSockets(text: string): readonly AnycastSocket[] {
  return [...text.matchAll(/^holder (\d+) (\d+) ([0-9a-f]{1,8}) ([0-9a-f]{1,8}) ([0-9a-f]{1,8}) ([0-9a-f]{1,8})$/gm)].map(([, pid, ifindex, ...words]) =>
    ({ pid: Number(pid), ifindex: Number(ifindex), address: words.map(reversed).join('') }));
}

const reversed = (word: string): string => (word.padStart(8, '0').match(/../g) ?? []).toReversed().join('');
