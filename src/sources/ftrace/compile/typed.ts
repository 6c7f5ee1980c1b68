import type { Condition } from './condition.ts';
import type { CType } from './c-type.ts';
import type { Fetch, Origin } from './fetch.ts';
import type { Evaluate } from './value.ts';

/** Memory around a pointer, for addresses that are only known at run time. */
export interface Window { readonly pointer: Fetch; readonly from: number; readonly words: number }

/** An expression, compiled: what it gives, and what is known of it before it runs. */
export interface Typed {
  readonly type: CType;
  readonly run: Evaluate;
  /** Its value is what this fetches. */
  readonly fetch?: Fetch;
  /** Its value is the one that comes from there, plus `delta`: memory can be fetched through it. `user`: of the process. */
  readonly at?: { readonly origin: Origin; readonly delta: number; readonly user?: boolean };
  readonly constant?: bigint;
  /** Certain bits of what is fetched. */
  readonly mask?: { readonly fetch: Fetch; readonly mask: bigint };
  /** Addresses made of it lie in this window. */
  readonly window?: Window;
  /** The running thread's task_struct, or what is reached from it. */
  readonly task?: string;
  /** What a map holds. */
  readonly map?: string;
  readonly condition?: Condition;
}
