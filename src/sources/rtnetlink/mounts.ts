import { closeSync, openSync } from 'node:fs';
import { libc } from './libc.ts';

const MOUNTS = '/proc/self/mountinfo';

/** Calls back after each mount and unmount: `ip netns add` mounts the namespace it made. Returns what ends that. */
export function watchMounts(onChange: () => void): () => void {
  const fd = openSync(MOUNTS, 'r');
  const watch = libc().watchForChange(fd);
  const again = (): void => {
    watch.start(again);
    // After the restart: a change before it might have been taken for read.
    onChange();
  };
  watch.start(again);
  return () => {
    watch.close();
    closeSync(fd);
  };
}
