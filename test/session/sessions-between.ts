import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { LabNetns } from '../../fixtures/rtnetlink/lab.ts';

/** Two namespaces with three cables between them, and what depends on those: sessions to the far one, and a tunnel where the kernel has VXLAN. */
export interface Between extends AsyncDisposable { readonly hasTunnel: boolean; readonly client: ChildProcess; readonly server: ChildProcess }

const CABLES = ['0', '1', '2'];
/** The last one is of use to nobody but the test: what moves it shows that nothing else came before. */
export const MARKER = '10.9.9.9';
const ADDRESSES = ['10.0.0.2', 'fd00:0::2', MARKER];

const SERVER = `const net = require('node:net'); let n = 0;
for (const host of ${JSON.stringify(ADDRESSES)}) net.createServer(socket => socket.on('error', () => {})).listen(7179, host, () => { if (++n === ${ADDRESSES.length}) console.log('up') });`;
const CLIENT = `const net = require('node:net'), udp = require('node:dgram').createSocket('udp4'); let n = 0;
const up = () => { if (++n === ${ADDRESSES.length + 1}) console.log('up') };
for (const host of ${JSON.stringify(ADDRESSES)}) net.connect(7179, host, up).on('error', () => {});
udp.on('error', () => {}); udp.connect(5300, '10.0.0.2', up);`;

export async function openBetween(near: LabNetns, far: LabNetns): Promise<Between> {
  const nameOf = ({ path }: LabNetns): string => path.split('/').at(-1) ?? '';
  for (const netns of [near, far]) netns.ip('link', 'set', 'lo', 'up');
  for (const cable of CABLES) {
    near.ip('link', 'add', `near${cable}`, 'type', 'veth', 'peer', 'name', `far${cable}`, 'netns', nameOf(far));
    for (const [netns, dev, host] of [[near, `near${cable}`, 1], [far, `far${cable}`, 2]] as const) {
      netns.ip('link', 'set', dev, 'up');
      netns.ip('addr', 'add', `10.0.${cable}.${host}/24`, 'dev', dev);
      netns.ip('addr', 'add', `fd00:${cable}::${host}/64`, 'dev', dev, 'nodad');
    }
  }
  far.ip('addr', 'add', `${MARKER}/32`, 'dev', 'lo');
  near.ip('route', 'add', '10.9.9.0/24', 'via', '10.0.2.2');
  near.ip('route', 'add', '10.3.0.0/16', 'via', '10.0.0.2');
  near.ip('route', 'add', '10.88.0.0/16', 'via', '10.0.1.9');
  near.ip('neigh', 'add', '10.0.1.7', 'lladdr', '02:00:00:00:00:07', 'dev', 'near1', 'nud', 'permanent');
  near.tryIp('link add vx0 type vxlan id 7 remote 10.3.0.2 dstport 4789');
  const hasTunnel = near.ip('-o', 'link', 'show').includes('vx0');
  const run = async (netns: LabNetns, program: string): Promise<ChildProcess> => {
    const child = spawn('ip', ['netns', 'exec', nameOf(netns), process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  };
  const server = await run(far, SERVER);
  const client = await run(near, CLIENT);
  return {
    hasTunnel, client, server,
    [Symbol.asyncDispose]: async () => {
      for (const child of [client, server]) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}
