import type { Actor } from '../model/output.ts';

/** "sysctl[4242]": how an actor is named within a sentence. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case 'process': return actor.comm === undefined ? `process ${actor.pid ?? '?'}` : `${actor.comm}[${actor.pid ?? '?'}]`;
    case 'router': return `router ${actor.address ?? '?'}`;
    case 'kernel': return 'the kernel';
    case 'unknown': return 'somebody unknown';
  }
}
