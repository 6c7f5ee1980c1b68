import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LabError } from './error.ts';

/** Programs that booting takes, and Debian's packages of them; build-image.sh checks what building takes. */
const programs: Readonly<Record<string, string>> = { 'qemu-system-x86_64': 'qemu-system-x86', ssh: 'openssh-client', setpriv: 'util-linux', tar: 'tar' };

/** @throws LabError that names the programs which are missing, and their packages */
export function checkNeeds(path: string, architecture: string): void {
  if (architecture !== 'x64') throw new LabError(`the lab runs on x86-64 only, and this is ${architecture}`, 'use Vagrant with a box for this machine: ROUTECAUSE_BOX=... vagrant up');
  const missing = Object.entries(programs).filter(([program]) => !path.split(delimiter).some(folder => isExecutable(join(folder, program))));
  if (missing.length === 0) return;
  throw new LabError(`the lab needs ${missing.map(([program]) => program).join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not installed`,
    `apt-get install ${missing.map(([, name]) => name).join(' ')}`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us.
    return false;
  }
}
