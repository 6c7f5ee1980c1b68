import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseProbeFile, type ProbeFile } from '../sources/bpftrace/probe-file.ts';

/** The folder that holds package.json: this file runs from src/cli in development and from dist when installed. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const up = dirname(folder);
    if (up === folder) throw new Error('routecause is not installed whole: no package.json above it');
    folder = up;
  }
  return folder;
}

export const readProbes = (): ProbeFile[] =>
  readdirSync(join(packageRoot(), 'probes')).filter(name => name.endsWith('.bt')).sort()
    .map(name => parseProbeFile(name.slice(0, -3), readFileSync(join(packageRoot(), 'probes', name), 'utf8')));

export const readVersion = (): string =>
  (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;

/** A recorded incident, for a look at what tracing tells where the host cannot be traced. */
export const incidentRecording = (): string => join(packageRoot(), 'fixtures', 'incident', 'forwarding.rcr');
