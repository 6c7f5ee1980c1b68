/** Documented exit codes of every command. */
export const EXIT = { ok: 0, error: 1, usage: 2, expectation: 3, partial: 4, sigint: 130, sigterm: 143 } as const;

/** A situation that the user can mend: one sentence of what is wrong, and the command or act that mends it. */
export class RoutecauseError extends Error {
  override readonly name = 'RoutecauseError';
  readonly remedy: string;
  readonly exitCode: number;
  constructor(message: string, remedy: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.remedy = remedy;
    this.exitCode = options.exitCode ?? EXIT.error;
  }
}

/** Fails the build where a union has a member that a switch forgot, and the run where one slipped in. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
