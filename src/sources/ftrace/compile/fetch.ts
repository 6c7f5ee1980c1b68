/** How many bytes are read, and whether the top bit is a sign. */
export interface Width { readonly size: number; readonly signed: boolean }

/** Where a value comes from that is fetched in the kernel. */
export type Origin =
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'returned' }
  /** An address known beforehand, of a symbol. */
  | { readonly kind: 'address'; readonly address: bigint }
  /** What another handler stored in a map: read when it was stored. `slot`: the variable that holds the entry. */
  | { readonly kind: 'remembered'; readonly map: string; readonly slot: number }
  /** `offset` bytes past the pointer at `base`; `user`: memory of the process. */
  | { readonly kind: 'memory'; readonly base: Origin; readonly offset: number; readonly user: boolean };

/** One fetch argument of a kprobe event. `text`: a string up to its NUL; `words`: so many of eight bytes each. */
export interface Fetch {
  readonly origin: Origin;
  readonly form: Width | 'text' | { readonly words: number };
}

export const POINTER: Width = { size: 8, signed: false };
/** More than this in one argument is refused (MAX_ARGSTR_LEN in kernel/trace/trace_probe.h). */
const MAX_LENGTH = 63;

/** The definition without its name, as Documentation/trace/kprobetrace.rst has it; undefined: too long for the kernel. */
export function fetchText({ origin, form }: Fetch): string | undefined {
  const text = `${placeText(origin)}:${form === 'text' ? 'string' : 'words' in form ? `x64[${form.words}]` : `${form.signed ? 's' : 'u'}${form.size * 8}`}`;
  return text.length > MAX_LENGTH ? undefined : text;
}

function placeText(origin: Origin): string {
  switch (origin.kind) {
    // The kernel counts from one.
    case 'argument': return `$arg${origin.index + 1}`;
    case 'returned': return '$retval';
    case 'address': return `\\0x${origin.address.toString(16)}`;
    case 'remembered': return `remembered${origin.map}`;
    case 'memory': {
      if (origin.base.kind === 'address') return `@0x${(origin.base.address + BigInt(origin.offset)).toString(16)}`;
      return `${origin.offset < 0 ? '-' : '+'}${origin.user ? 'u' : ''}${Math.abs(origin.offset)}(${placeText(origin.base)})`;
    }
  }
}

/** The pointer that it is read through, if one has to be read itself. */
export function pointerOf({ origin }: Fetch): Fetch | undefined {
  return origin.kind === 'memory' && origin.base.kind !== 'address' ? { origin: origin.base, form: POINTER } : undefined;
}

/** Where the chain of pointers begins. */
export const rootOf = (origin: Origin): Exclude<Origin, { kind: 'memory' }> => origin.kind === 'memory' ? rootOf(origin.base) : origin;

/** The same chain from another beginning, which lies `delta` bytes further on. */
export function rebase(origin: Origin, to: Origin, delta: number): Origin {
  if (origin.kind !== 'memory') return to;
  return origin.base.kind === 'memory' ? { ...origin, base: rebase(origin.base, to, delta) } : { ...origin, base: to, offset: origin.offset + delta };
}
