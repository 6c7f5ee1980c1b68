import { constants } from 'node:fs';
import { lstat, open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { creationProblem, existsProblem, notReplaceable, standardOutputProblem } from './problems.ts';

/**
 * A new file that only its owner can read: recordings hold command lines. With `force` an existing file is
 * removed first and not reused, because it may be readable by others, who may also have it open.
 * @throws RoutecauseError
 */
export async function createPrivateFile(path: string, force: boolean): Promise<FileHandle> {
  if (path === '-') throw standardOutputProblem();
  if (force) await removeRegular(path);
  try {
    return await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  } catch (error) {
    throw creationProblem(path, error);
  }
}

async function removeRegular(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  // Whatever else keeps it from being looked at, creating it will tell.
  if (stats === undefined) return;
  // As root, --force with a device or a link given by mistake must not take it away.
  if (!stats.isFile()) throw stats.isDirectory() ? existsProblem(path) : notReplaceable(path);
  await unlink(path).catch((error: unknown) => { throw creationProblem(path, error); });
}
