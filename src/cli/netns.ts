import { existsSync, readdirSync, statSync } from 'node:fs';
import { EXIT, RoutecauseError } from '../model/errors.ts';

const FOLDER = '/run/netns';

/** The file of a namespace given by name (`ip netns`) or by path. @throws RoutecauseError where there is none */
export function netnsFile(given: string): string {
  const path = given.includes('/') ? given : `${FOLDER}/${given}`;
  if (existsSync(path)) return path;
  throw new RoutecauseError(`there is no network namespace ${given}`, 'list them with: ip netns list', { exitCode: EXIT.usage });
}

/** What to call the namespace: the name given, or the `ip netns` name of our own, if it has one. */
export function netnsLabel(given: string | undefined): string | undefined {
  if (given !== undefined) return given.split('/').at(-1);
  try {
    const { ino } = statSync('/proc/self/ns/net');
    return readdirSync(FOLDER).find(name => statSync(`${FOLDER}/${name}`).ino === ino);
  } catch {
    // No /run/netns: no names have been given.
    return undefined;
  }
}
