import { EXIT } from '../model/errors.ts';

/** Why a session ends, and the exit code that tells. */
export interface Ending { readonly promise: Promise<number>; readonly quit: () => void; readonly interrupt: () => void; readonly dispose: () => void }

/** Resolves with the exit code at the first signal or wish to quit. A second signal ends the process at once. */
export function awaitEnding(): Ending {
  const gate = Promise.withResolvers<number>();
  let asked = false;
  const onSignal = (code: number) => (): void => {
    if (asked) process.exit(code);
    asked = true;
    gate.resolve(code);
  };
  const interrupt = onSignal(EXIT.sigint);
  const terminate = onSignal(EXIT.sigterm);
  process.on('SIGINT', interrupt).on('SIGTERM', terminate).on('SIGHUP', terminate);
  return {
    promise: gate.promise,
    quit: () => { gate.resolve(EXIT.ok); },
    // Ctrl-C as a key of a terminal in raw mode means what it always means.
    interrupt,
    dispose() { process.off('SIGINT', interrupt).off('SIGTERM', terminate).off('SIGHUP', terminate); },
  };
}
