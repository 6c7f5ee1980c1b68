/** A step that is taken when its time has come, once at a time. */
export interface Task {
  /** Its time is set, and it has not begun. */
  isWaiting(): boolean;
  /** Takes it in so many milliseconds, instead of when it would have been. */
  runIn(ms: number): void;
  /** Takes another step in its place now. */
  run(step: () => Promise<void>): Promise<void>;
  /** Resolves when it is no longer at work. */
  stop(): Promise<void>;
}

/** What goes wrong in a step ends that step: a namespace that goes away in the middle of it takes its answers along. */
export function createTask(step: () => Promise<void>): Task {
  let busy: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  function run(one: () => Promise<void>): Promise<void> {
    busy = busy.then(() => {
      timer = undefined;
      return isStopped ? undefined : one();
    }).catch(() => undefined);
    return busy;
  }

  return {
    isWaiting: () => timer !== undefined,
    runIn(ms) {
      clearTimeout(timer);
      if (!isStopped) timer = setTimeout(() => { void run(step); }, ms);
    },
    run,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      return busy;
    },
  };
}
