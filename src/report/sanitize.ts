/** Text that holds nothing a terminal could take for a command, and nothing that reads other than it is stored. */
export type SafeText = string & { readonly __brand: 'SafeText' };

/**
 * Everything that is invisible, moves the cursor, changes direction, or has no agreed width: controls, format
 * characters, lone surrogates, line and paragraph separators, unassigned and private code points, and what
 * Unicode says to ignore when drawing (zero-width, variation selectors, Hangul fillers).
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Cn}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;
const PLAIN_ASCII = /^[ -~]*$/;

/** Makes untrusted text (process names, arguments, interface names) safe to print; printable text is unchanged. */
export function sanitizeText(text: string): SafeText {
  if (PLAIN_ASCII.test(text)) return text as SafeText;
  return text.replace(UNSAFE, visibleEscape) as SafeText;
}

/** For terminals whose locale is not UTF-8: what is not ASCII becomes a visible escape as well. */
export const asciiText = (text: string): string => text.replace(/[^ -~]/gu, visibleEscape);

/**
 * Plain data in which every string, keys included, passed `sanitizeText`: the choke point of each sink. What needs no
 * change is not copied, so records go on sharing what they share.
 */
export function sanitizeRecord<T>(value: T): T {
  return sanitizeValue(value) as T;
}

/** One line of JSON that a terminal may show: the same value, with the unsafe code points as JSON escapes. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, jsonEscape);
}

function sanitizeValue(value: unknown): unknown {
  if (typeof value === 'string') return sanitizeText(value);
  if (Array.isArray(value)) {
    const members: readonly unknown[] = value.map(sanitizeValue);
    return members.every((member, index) => Object.is(member, value[index])) ? value : members;
  }
  if (typeof value !== 'object' || value === null) return value;
  const before = Object.entries(value);
  const after = before.map(([key, member]) => [sanitizeText(key), sanitizeValue(member)] as const);
  return after.every(([key, member], index) => key === before[index]?.[0] && Object.is(member, before[index]?.[1])) ? value : Object.fromEntries(after);
}

function visibleEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x09) return '\\t';
  if (code === 0x0a) return '\\n';
  if (code === 0x0d) return '\\r';
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 5)}}`;
}

/** By UTF-16 unit: JSON has no escape for code points beyond the first plane. */
const jsonEscape = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => `\\u${hex(character.charCodeAt(index), 4)}`).join('');

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
