import type { NetnsRef } from '../model/netns.ts';

/** How one value is written as JSON text and read back. `decode` gives undefined for whatever is not such a value. */
export interface Form<T> {
  readonly encode: (value: T) => string;
  readonly decode: (raw: unknown) => T | undefined;
  readonly optional: false;
}

/** The form of a key that may be absent. */
export interface OptionalForm<T> extends Omit<Form<T>, 'optional'> { readonly optional: true }

const form = <T>(encode: (value: T) => string, decode: (raw: unknown) => T | undefined): Form<T> => ({ encode, decode, optional: false });

export const optional = <T>({ encode, decode }: Form<T>): OptionalForm<T> => ({ encode, decode, optional: true });

export const isRecord = (raw: unknown): raw is Readonly<Record<string, unknown>> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw);

const decodeText = (raw: unknown): string | undefined => (typeof raw === 'string' ? raw : undefined);
const decodeNumber = (raw: unknown): number | undefined => (typeof raw === 'number' && Number.isFinite(raw) ? raw : undefined);

// 64 bits have at most 20 digits. The limit is a defence: converting millions of digits takes minutes.
const DECIMAL = /^-?[0-9]{1,20}$/;
const decodeBigint = (raw: unknown): bigint | undefined =>
  typeof raw === 'string' && raw.length <= 21 && DECIMAL.test(raw) ? BigInt(raw) : undefined;

export const text: Form<string> = form((value) => JSON.stringify(value), decodeText);
export const number: Form<number> = form((value) => JSON.stringify(value), decodeNumber);
export const bool: Form<boolean> = form((value) => (value ? 'true' : 'false'), (raw) => (typeof raw === 'boolean' ? raw : undefined));

/** Decimal string, because JSON numbers of other readers lose what is beyond 2^53. */
export const bigint: Form<bigint> = form((value) => `"${value}"`, decodeBigint);

/** A bigint with a brand; whoever uses it vouches for the unit and the clock. */
export const branded = <T extends bigint>(brand: (value: bigint) => T): Form<T> => form((value) => `"${value}"`, (raw) => {
  const value = decodeBigint(raw);
  return value === undefined ? undefined : brand(value);
});

/** Hexadecimal: of about the size of base64 once compressed, and readable beside a kernel header. */
export const bytes: Form<Uint8Array> = form(
  (value) => `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}"`,
  (raw) => {
    if (typeof raw !== 'string') return undefined;
    // Buffer stops at the first character that is not hexadecimal. The copy leaves Buffer's shared pool.
    const decoded = new Uint8Array(Buffer.from(raw, 'hex'));
    return decoded.length * 2 === raw.length ? decoded : undefined;
  },
);

export const texts: Form<readonly string[]> = form(
  (value) => JSON.stringify(value),
  (raw) => (Array.isArray(raw) && raw.every((item) => typeof item === 'string') ? raw : undefined),
);

/** One of a closed set of words, given as keys so that the compiler notices a forgotten one. */
export function oneOf<T extends string>(words: Readonly<Record<T, true>>): Form<T> {
  const known = new Set<string>(Object.keys(words));
  const isKnown = (raw: unknown): raw is T => typeof raw === 'string' && known.has(raw);
  return form((value) => JSON.stringify(value), (raw) => (isKnown(raw) ? raw : undefined));
}

export const netns: Form<NetnsRef> = form(
  ({ inode, cookie }) => (cookie === undefined ? `{"inode":${inode}}` : `{"inode":${inode},"cookie":"${cookie}"}`),
  (raw) => {
    if (!isRecord(raw)) return undefined;
    const inode = decodeNumber(raw['inode']);
    if (inode === undefined) return undefined;
    if (raw['cookie'] === undefined) return { inode };
    const cookie = decodeBigint(raw['cookie']);
    return cookie === undefined ? undefined : { inode, cookie };
  },
);
