/**
 * A network namespace. The cookie (SO_NETNS_COOKIE, `struct net.net_cookie`) is never reused while the
 * kernel runs; the inode number is reused at once, so it identifies only where there is no cookie.
 */
export interface NetnsRef {
  readonly inode: number;
  readonly cookie?: bigint;
}

/** The same namespace gives the same key on every source. */
export const netnsKey = (netns: NetnsRef): string =>
  netns.cookie === undefined ? `inode:${netns.inode}` : `cookie:${netns.cookie}`;

/** A way into a network namespace: a file that stands for it, and the process whose file that is. */
export interface NetnsPlace { readonly inode: number; readonly path: string; readonly pid?: number }
