import { execa } from 'execa';
import { findDaemons, type Daemon } from './owners.ts';
import { bfdPeersOf, bgpPeersOf, birdPeersOf, type Peer } from './peers.ts';

/** A daemon that does not answer by then is busy with more important things. */
const TIMEOUT_MS = 3000;
const ANSWER_BYTES = 16 * 1024 * 1024;

export interface DaemonPeers { readonly peers: readonly (Peer & { readonly daemon: Daemon })[]; readonly unchecked: readonly string[] }

/** Asks the routing daemons of a namespace for their neighbours, by commands that only show. */
export async function readPeers(netnsInode: number): Promise<DaemonPeers> {
  const peers: (Peer & { readonly daemon: Daemon })[] = [];
  const unchecked: string[] = [];
  for (const daemon of findDaemons(netnsInode)) {
    const told = await askDaemon(daemon);
    if (typeof told === 'string') unchecked.push(`neighbours of ${daemon.name}[${daemon.pid}]: ${told}`);
    else peers.push(...told.map(peer => ({ ...peer, daemon })));
  }
  return { peers, unchecked };
}

/** Its neighbours, or why they are not known. */
async function askDaemon(daemon: Daemon): Promise<readonly Peer[] | string> {
  if (daemon.isElsewhere) return 'it runs in another mount namespace';
  switch (daemon.name) {
    case 'bgpd': return run('vtysh', [...pathspace(daemon), '-c', 'show bgp vrf all neighbors json'], bgpPeersOf);
    case 'bfdd': return run('vtysh', [...pathspace(daemon), '-c', 'show bfd peers json'], bfdPeersOf);
    // -r: what would change something is refused.
    case 'bird': return run('birdc', [...valueOf(daemon.argv, '-s', undefined, '-s'), '-r', 'show', 'protocols', 'all'], birdPeersOf);
  }
}

const pathspace = ({ argv }: Daemon): readonly string[] => valueOf(argv, '-N', '--pathspace', '-N');

/** An option of the daemon, to be handed on. */
function valueOf(argv: readonly string[], short: string, long: string | undefined, as: string): readonly string[] {
  const at = argv.findIndex(word => word === short || word === long);
  const value = at >= 0 ? argv[at + 1] : argv.find(word => long !== undefined && word.startsWith(`${long}=`))?.slice((long?.length ?? 0) + 1);
  // Anybody may call a program so.
  return value === undefined || !/^[\w./-]+$/.test(value) || value.startsWith('-') || value.includes('..') ? [] : [as, value];
}

async function run(program: string, args: readonly string[], read: (text: string) => readonly Peer[]): Promise<readonly Peer[] | string> {
  const result = await execa(program, args, { stdin: 'ignore', timeout: TIMEOUT_MS, maxBuffer: ANSWER_BYTES, reject: false, forceKillAfterDelay: 500, killSignal: 'SIGTERM' });
  if (!result.failed) return read(result.stdout);
  if (result.timedOut) return `${program} did not answer within ${TIMEOUT_MS / 1000} s`;
  return result.code === 'ENOENT' ? `there is no ${program}` : `${program} failed`;
}
