import { RoutecauseError } from '../model/errors.ts';

/** The lab itself failed: no image, no boot, no connection, or a command that ran out of time. */
export class LabError extends RoutecauseError {
  constructor(message: string, remedy = 'routecause lab --help tells what the lab needs', cause?: unknown) {
    super(message, remedy, cause === undefined ? {} : { cause });
  }
}
