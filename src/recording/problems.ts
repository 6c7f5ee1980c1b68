import { EXIT, RoutecauseError } from '../model/errors.ts';

const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Why a recording could not be created. */
export function creationProblem(path: string, cause: unknown): RoutecauseError {
  switch (errorCode(cause)) {
    case 'EEXIST': return existsProblem(path, cause);
    case 'ENOENT': return new RoutecauseError(`cannot create ${path}: its directory does not exist`, 'create the directory with mkdir -p, or name another file', { cause });
    case 'EACCES': case 'EPERM': return new RoutecauseError(`cannot create ${path}: permission denied`, 'name a file in a directory that you may write to', { cause });
    case 'EROFS': return new RoutecauseError(`cannot create ${path}: the file system is read-only`, 'name a file on another file system', { cause });
    default: return new RoutecauseError(`cannot create ${path}: ${reason(cause)}`, 'name another file', { cause });
  }
}

/** A file that is already there is somebody's evidence. */
export const existsProblem = (path: string, cause?: unknown): RoutecauseError =>
  new RoutecauseError(`${path} exists already`, 'name another file, or give --force to replace it', { exitCode: EXIT.usage, cause });

export const notReplaceable = (path: string): RoutecauseError =>
  new RoutecauseError(`${path} is not a regular file, so it is not replaced`, 'name another file', { exitCode: EXIT.usage });

export const standardOutputProblem = (): RoutecauseError =>
  new RoutecauseError('a recording cannot go to standard output: it is compressed binary data', 'name a file; to pipe results into another program, use --json', { exitCode: EXIT.usage });

/** Why a recording could not be continued. */
export function writeProblem(path: string, cause: unknown): RoutecauseError {
  const code = errorCode(cause);
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return full
    ? new RoutecauseError(`the recording ${path} stopped: no space is left for it`, 'free some space or record to another file system; what was written so far can be replayed', { cause })
    : new RoutecauseError(`the recording ${path} stopped: ${reason(cause)}`, 'record to another file; what was written so far can be replayed', { cause });
}

/** Why a recording could not be opened or read. */
export function readProblem(path: string, cause: unknown): RoutecauseError {
  switch (errorCode(cause)) {
    case 'ENOENT': return new RoutecauseError(`there is no file ${path}`, 'check the name; routecause record -o FILE makes one', { cause });
    case 'EACCES': case 'EPERM': return new RoutecauseError(`cannot read ${path}: permission denied`, 'recordings belong to whoever made them: use sudo, or have the owner give you a copy', { cause });
    default: return new RoutecauseError(`cannot read ${path}: ${reason(cause)}`, 'copy the file to a local disk and try again', { cause });
  }
}

export const notRegular = (path: string, what: 'directory' | 'special file'): RoutecauseError =>
  new RoutecauseError(`${path} is a ${what}, not a recording`, 'name the recording file itself');

export const emptyProblem = (path: string): RoutecauseError =>
  new RoutecauseError(`${path} is empty`, 'the recorder ended before it could write; record again');

export const notRecording = (path: string): RoutecauseError =>
  new RoutecauseError(`${path} is not a routecause recording`, 'name a file made by routecause record -o FILE');

export const newerVersion = (path: string, major: number, readable: number): RoutecauseError =>
  new RoutecauseError(`${path} has recording format ${major}; this routecause reads up to ${readable}`, 'update routecause: npm install --global routecause');

export const damagedHead = (path: string): RoutecauseError =>
  new RoutecauseError(`the start of the recording ${path} is damaged or cut off`, 'copy the file again from where it was recorded, in binary mode; without its start it cannot be replayed');
