import type { Facts } from '../model/attribution.ts';
import { depthOf } from './cause.ts';
import { linkEvent, type LinkEvent } from './link-event.ts';

/** The change as if it had happened where its deferred work (duplicate address detection, link watch) was queued. */
const whereQueued = (facts: Facts): Facts | undefined => facts.deferral === undefined ? undefined : { ...facts, frames: facts.deferral.queuedFrames };

/** Any of these functions was on the stack that queued the work. */
export function queuedBy(facts: Facts, ...functions: readonly string[]): boolean {
  const before = whereQueued(facts);
  return before !== undefined && depthOf(before, functions) >= 0;
}

/** Which event of a device queued the work. */
export function queuedByLinkEvent(facts: Facts): LinkEvent | undefined {
  const before = whereQueued(facts);
  return before === undefined ? undefined : linkEvent(before);
}
