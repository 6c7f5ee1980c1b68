import type { Fentry, HostFacts, Prototype } from '../model/host.ts';

/** How to attach to functions here, if not by kprobes. */
export const fentryOf = (facts: HostFacts): Fentry | undefined => facts.kprobes || facts.fentry === false ? undefined : facts.fentry;

/** More of them are not in registers, and older kernels refuse to attach. */
const MAX_PARAMETERS = 6;

/** Whether scripts that attach to this function can do so by fentry. */
export const fitsFentry = (prototype: Prototype | undefined): boolean =>
  prototype !== undefined && prototype.parameters.length <= MAX_PARAMETERS && prototype.parameters.every(name => /^\w+$/.test(name));
