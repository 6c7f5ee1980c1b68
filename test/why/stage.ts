import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { addLabNetns } from '../../fixtures/rtnetlink/lab.ts';
import { ask } from '../../src/cli/ask.ts';
import type { WhyQuestion } from '../../src/cli/why-question.ts';
import { whySchema } from '../../src/report/schema-why.ts';
import type { WhyAnswer } from '../../src/model/why.ts';

/** A namespace of this host in which shell lines are run and questions asked. */
export interface Stage extends Disposable {
  readonly name: string;
  readonly path: string;
  /** Lines of a shell that is inside; the first that fails ends it. @throws Error */
  run(script: string): string;
  ask(target: string, options?: Omit<WhyQuestion, 'target'>, known?: Parameters<typeof ask>[2]): Promise<WhyAnswer>;
}

/** Two devices: an ifb stands in for a dummy one, which not every kernel has. It needs no neighbour discovery, and has its carrier at once. */
export const DEVICES = `ip link set lo up
for dev in d0 d1; do ip link add $dev type ifb; ip link set $dev addrgenmode none; ip link set $dev up; done
`;

export function openStage(prepare = ''): Stage {
  const netns = addLabNetns();
  const name = basename(netns.path);
  const { ino: inode } = statSync(netns.path);
  const run = (script: string): string => execFileSync('nsenter', [`--net=${netns.path}`, 'bash', '-euc', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
  run(DEVICES + prepare);
  return {
    name, path: netns.path, run,
    ask: async (target, options = {}, known = {}) => whySchema.parse(await ask({ target, ...options }, { kind: 'one', name, place: { inode, path: netns.path } }, known)),
    [Symbol.dispose]: () => {
      spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout.split('\n').filter(pid => pid !== '').forEach(pid => process.kill(Number(pid)));
      netns.remove();
    },
  };
}

/** Waits until the kernel's workers have put the address into its table. */
export const settled = (...addresses: readonly string[]): string =>
  addresses.map(address => `until ip -6 route show table local | grep -q "^local ${address} "; do sleep 0.01; done\n`).join('');
