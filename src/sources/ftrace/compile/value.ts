/** What an expression gives at run time; undefined: it could not be read. */
export type Value = bigint | string | Uint8Array | readonly bigint[] | undefined;

/** What a map holds for a key: the value, and what was read through it when it was stored. */
export interface Entry { readonly value: Value; readonly extras: readonly Value[] }

/** One event while its handler runs. */
export interface Frame {
  /** Values of the event's fetch arguments; undefined: that one could not be read. */
  readonly fields: readonly Value[];
  readonly time: bigint;
  readonly cpu: number;
  readonly tid: number;
  /** Addresses of the kernel stack in hexadecimal, innermost first, one space between them. */
  readonly stack: string;
  readonly locals: Value[];
  readonly entries: (Entry | undefined)[];
  /** What is known of the running thread without reading its task. */
  readonly task: (path: string) => Value;
  readonly maps: Map<string, Map<string, Entry>>;
  readonly print: (text: string) => void;
}

export type Evaluate = (frame: Frame) => Value;

/** Numbers are kept as the value that 64 bits of their sign have. */
export const wrap = (value: bigint, size: number, signed: boolean): bigint => signed ? BigInt.asIntN(size * 8, value) : BigInt.asUintN(size * 8, value);
export const isTrue = (value: Value): boolean => typeof value === 'bigint' ? value !== 0n : value !== undefined;
