import { execa } from 'execa';
import { findDaemons, type Daemon } from './control.ts';
import { bfdPeersOf, bfdProtocolsOf, bgpPeersOf, birdPeersOf, birdSessionsOf, type Peer } from './peers.ts';

/** A daemon that does not answer by then is busy with more important things. */
const TIMEOUT_MS = 3000;
const ANSWER_BYTES = 16 * 1024 * 1024;

export interface DaemonPeers { readonly peers: readonly (Peer & { readonly daemon: Daemon })[]; readonly unchecked: readonly string[] }

/**
 * Asks the routing daemons of a namespace for their neighbours, by commands that only show. One that does not answer this time has those that it told of
 * `before`: forgotten, they would be found again as they are reached by then, and a change in between would be told of none.
 */
export async function readPeers(netnsInode: number, before?: DaemonPeers, ask: typeof askDaemon = askDaemon, daemons = findDaemons(netnsInode)): Promise<DaemonPeers> {
  const peers: (Peer & { readonly daemon: Daemon })[] = [];
  const unchecked: string[] = [];
  for (const daemon of daemons) {
    const told = await ask(daemon);
    if (typeof told === 'string') {
      unchecked.push(`neighbours of ${daemon.name}[${daemon.pid}]: ${told}`);
      peers.push(...before?.peers.filter(peer => peer.daemon.pid === daemon.pid) ?? []);
    } else peers.push(...told.map(peer => ({ ...peer, daemon })));
  }
  return { peers, unchecked };
}

/** Its neighbours, or why they are not known. */
async function askDaemon({ name, control }: Daemon): Promise<readonly Peer[] | string> {
  if ('without' in control) return control.without;
  switch (name) {
    case 'bgpd': return run('vtysh', [...vtyshOf(name, control), 'show bgp vrf all neighbors json'], bgpPeersOf);
    case 'bfdd': return run('vtysh', [...vtyshOf(name, control), 'show bfd peers json'], bfdPeersOf);
    case 'bird': return askBird(control.path);
  }
}

const vtyshOf = (name: string, { folder }: { readonly folder: string }): readonly string[] => ['--vty_socket', folder, '-d', name, '-c'];

async function askBird(path: string): Promise<readonly Peer[] | string> {
  // -r: what would change something is refused.
  const before = ['-s', path, '-r', 'show'];
  const told = await run('birdc', [...before, 'protocols', 'all'], text => {
    const [peers, sessions] = [birdPeersOf(text), bfdProtocolsOf(text)];
    return peers === undefined || sessions === undefined ? undefined : { peers, sessions };
  });
  if (typeof told === 'string') return told;
  const peers = [...told.peers];
  for (const { name, ...vrf } of told.sessions) {
    // Without a name it answers only where there is one of them.
    const sessions = await run('birdc', [...before, 'bfd', 'sessions', `'${name}'`], birdSessionsOf);
    if (typeof sessions === 'string') return sessions;
    peers.push(...sessions.map(one => ({ ...one, ...vrf })));
  }
  return peers;
}

async function run<T>(program: string, args: readonly string[], read: (text: string) => T | undefined): Promise<T | string> {
  const result = await execa(program, args, { stdin: 'ignore', timeout: TIMEOUT_MS, maxBuffer: ANSWER_BYTES, reject: false, forceKillAfterDelay: 500, killSignal: 'SIGTERM' });
  if (!result.failed) return read(result.stdout) ?? `${program} answered in a form that is not known`;
  if (result.timedOut) return `${program} did not answer within ${TIMEOUT_MS / 1000} s`;
  return result.code === 'ENOENT' ? `there is no ${program}` : `${program} failed`;
}
