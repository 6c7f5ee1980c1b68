import { closeSync, constants, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, rmdirSync, writeSync } from 'node:fs';

/** All that this project does to tracefs. Calls throw what the kernel answers, except where they say so. */
export interface Tracefs {
  /** Text of a file; undefined: not there, or not for us. */
  read(path: string): string | undefined;
  write(path: string, text: string): void;
  /** Adds to a file that a plain write would empty first, as kprobe_events. */
  append(path: string, text: string): void;
  list(path: string): readonly string[];
  exists(path: string): boolean;
  makeDirectory(path: string): void;
  removeDirectory(path: string): void;
  /** Opens a file for reading what comes. */
  open(path: string): Pipe;
}

export interface Pipe {
  /** What is there now, at most `bytes.length`; 0: nothing, or the CPU of this buffer is gone. */
  read(bytes: Uint8Array): number;
  close(): void;
}

/** `root`: where tracefs is mounted. */
export function tracefsAt(root: string): Tracefs {
  const at = (path: string): string => `${root}/${path}`;
  const put = (path: string, text: string, flags: number): void => {
    const fd = openSync(at(path), flags);
    try {
      writeSync(fd, text);
    } finally {
      closeSync(fd);
    }
  };
  return {
    read: path => orUndefined(() => readFileSync(at(path), 'latin1')),
    write: (path, text) => { put(path, text, constants.O_WRONLY); },
    append: (path, text) => { put(path, text, constants.O_WRONLY | constants.O_APPEND); },
    list: path => orUndefined(() => readdirSync(at(path))) ?? [],
    exists: path => existsSync(at(path)),
    makeDirectory: path => { mkdirSync(at(path)); },
    removeDirectory: path => { rmdirSync(at(path)); },
    open: path => pipe(at(path)),
  };
}

/** Non-blocking: a read that waits would hold up the end of the process. */
function pipe(path: string): Pipe {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return {
    read(bytes) {
      try {
        return readSync(fd, bytes);
      } catch {
        // EAGAIN: empty.
        return 0;
      }
    },
    close: () => { closeSync(fd); },
  };
}

function orUndefined<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
