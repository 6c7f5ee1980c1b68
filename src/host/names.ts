import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { NameObservation } from '../model/observation.ts';

export type RouteName = Pick<NameObservation, 'id' | 'name'> & { readonly of: 'table' | 'protocol' | 'scope' };

const FILES = [
  { of: 'table', file: 'rt_tables', maxId: 0xffff_ffff },
  { of: 'protocol', file: 'rt_protos', maxId: 255 },
  { of: 'scope', file: 'rt_scopes', maxId: 255 },
] as const;

/** Where iproute2 looks, the administrator's place first; the other two are where distributions put their defaults. */
const DIRECTORIES: readonly string[] = ['/etc/iproute2', '/usr/share/iproute2', '/usr/lib/iproute2'];

/** More than any real file needs; what lies beyond is not read. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_NAME_LENGTH = 64;

/**
 * Names that iproute2 on this host gives to routing tables, protocols and scopes, as it looks them up (lib/rt_names.c,
 * 6.1 to 7.1): the first place that has the file counts, a `.d` directory adds to it, and of two entries for one id the
 * last one holds. Unreadable files give no names: the built-in ones are in src/netlink/names.ts.
 */
export function readRouteNames(directories: readonly string[] = DIRECTORIES): RouteName[] {
  return FILES.flatMap(({ of, file, maxId }) => {
    const names = new Map<number, string>();
    for (const text of textsOf(directories, file)) {
      for (const { id, name } of parseNames(text)) if (id <= maxId) names.set(id, name);
    }
    return [...names].map(([id, name]) => ({ of, id: String(id), name }));
  });
}

/**
 * Entries of one file: `number name`, decimal or 0x-hexadecimal, `#` starts a comment. Names come from whoever may write
 * the file: lines with control characters, bad UTF-8 or absurd lengths are left out.
 */
export function parseNames(text: string): { id: number; name: string }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^[ \t]*(0x[0-9a-f]{1,8}|\d{1,10})[ \t]+([^\s#]+)[ \t\r]*(?:#.*)?$/i.exec(line);
    const [, id, name] = match ?? [];
    if (id === undefined || name === undefined || name.length > MAX_NAME_LENGTH || !isPrintable(name)) return [];
    return [{ id: Number(id), name }];
  });
}

/** Letters, marks, numbers, punctuation and symbols: no controls, no bidirectional overrides, no replacement character. */
const isPrintable = (name: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u.test(name) && !name.includes('\ufffd');

function textsOf(directories: readonly string[], file: string): string[] {
  const main = directories.map((directory) => readText(join(directory, file))).find((text) => text !== undefined);
  return [main, ...fragmentsOf(directories, `${file}.d`).map(readText)].filter((text) => text !== undefined);
}

/** The *.conf files of all places; a file of the same name in an earlier place hides the later one, and is read last. */
function fragmentsOf(directories: readonly string[], folder: string): string[] {
  const seen = new Set<string>();
  const byPlace = directories.map((directory) => listConf(join(directory, folder)).filter((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return !seen.has(name) && seen.add(name);
  }));
  return byPlace.reverse().flat();
}

function listConf(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.conf') && !name.startsWith('.')).sort().map((name) => join(folder, name));
  } catch {
    return []; // Most hosts have no such folder, and names are a courtesy.
  }
}

function readText(path: string): string | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(MAX_FILE_BYTES);
      return buffer.toString('utf8', 0, readSync(fd, buffer, 0, MAX_FILE_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // Absent or forbidden: the next place counts.
  }
}
