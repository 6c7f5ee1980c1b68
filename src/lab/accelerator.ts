import { constants } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabImage } from './image.ts';
import { qemuBasics, startQemu } from './qemu.ts';
import type { Accelerator } from './qemu.ts';

const trialLimitMs = 8000;

/**
 * Says whether guests can run under KVM here. A nested host may offer /dev/kvm and still hang every kernel, so the lab's
 * own kernel is started once without a disk. The verdict is kept until the host boots again.
 * ROUTECAUSE_LAB_ACCELERATOR=kvm or tcg overrides it.
 */
export async function findAccelerator(image: LabImage): Promise<Accelerator> {
  const wanted = process.env['ROUTECAUSE_LAB_ACCELERATOR'];
  if (wanted === 'kvm' || wanted === 'tcg') return wanted;
  if (!(await isReadable('/dev/kvm'))) return 'tcg';

  const hostBoot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const verdictFile = join(image.cache, `accelerator-${hostBoot.trim()}`);
  if (await isReadable(verdictFile)) return (await readFile(verdictFile, 'utf8')) === 'kvm' ? 'kvm' : 'tcg';

  const verdict = (await bootsUnderKvm(image)) ? 'kvm' : 'tcg';
  await writeFile(verdictFile, verdict).catch((error: NodeJS.ErrnoException) => {
    // An image that root built can be used by others, who then try KVM each time.
    if (error.code !== 'EACCES') throw error;
  });
  return verdict;
}

async function bootsUnderKvm(image: LabImage): Promise<boolean> {
  const machine = startQemu([
    ...qemuBasics('kvm'),
    '-m', '512', '-kernel', image.kernel, '-initrd', image.initrd, '-append', 'console=ttyS0 quiet',
  ]);
  try {
    await machine.waitForConsole('lab: no root disk', AbortSignal.timeout(trialLimitMs));
    return true;
  } catch {
    // Any failure has the same meaning: emulate.
    return false;
  } finally {
    await machine.stop();
  }
}

function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
