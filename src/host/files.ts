import { readFileSync, readdirSync } from 'node:fs';

/** A file of /proc or /sys; undefined: not there, not for us, or gone between two reads. The caller treats all as "not told". */
export const readBytes = (path: string): Buffer | undefined => orUndefined(() => readFileSync(path));

/** latin1 keeps bytes of names as they are. */
export const readText = (path: string, encoding: 'latin1' | 'utf8' = 'utf8'): string | undefined => readBytes(path)?.toString(encoding);

/** The names in a folder; none where it cannot be listed. */
export const listFolder = (path: string): string[] => orUndefined(() => readdirSync(path)) ?? [];

function orUndefined<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
