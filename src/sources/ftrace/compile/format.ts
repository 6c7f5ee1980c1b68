import { ScriptError } from '../script/tokens.ts';
import type { Typed } from './typed.ts';
import { wrap, type Frame, type Value } from './value.ts';

type Part = string | { readonly form: 'signed' | 'unsigned' | 'hex' | 'text' | 'bytes'; readonly of: Typed };

/**
 * printf() of a script. A key of which a part could not be read is left out, key and all; a record without its fixed
 * words at the start is none.
 */
export function compileFormat(format: string, args: readonly Typed[]): (frame: Frame) => string | undefined {
  let next = 0;
  const words = format.split(/(?<= )/).map(word => partsOf(word, () => {
    const of = args[next++];
    if (of === undefined) throw new ScriptError('printf() has fewer arguments than its format wants');
    return of;
  }));
  return frame => {
    let text = '';
    for (const parts of words) {
      let word: string | undefined = '';
      for (const part of parts) {
        const piece: string | undefined = typeof part === 'string' ? part : written(part.form, part.of, part.of.run(frame));
        if (piece === undefined) { word = undefined; break; }
        word += piece;
      }
      if (word !== undefined) text += word;
      else if (!/^\w+=/.test(typeof parts[0] === 'string' ? parts[0] : '')) return undefined;
    }
    return text.endsWith('\n') ? text : `${text}\n`;
  };
}

function partsOf(word: string, argument: () => Typed): Part[] {
  return word.split(/(%(?:llu|lld|llx|rh|[dusx]))/).filter(piece => piece !== '').map((piece): Part => {
    switch (piece) {
      case '%d': case '%lld': return { form: 'signed', of: argument() };
      case '%u': case '%llu': return { form: 'unsigned', of: argument() };
      case '%x': case '%llx': return { form: 'hex', of: argument() };
      case '%s': return { form: 'text', of: argument() };
      case '%rh': return { form: 'bytes', of: argument() };
      default: return piece;
    }
  });
}

/** As C hands a narrow number on to printf(): it becomes an int, and its value stays what it was. */
const INT_BYTES = 4;

function written(form: Exclude<Part, string>['form'], { type }: Typed, value: Value): string | undefined {
  const size = type.kind === 'int' ? Math.max(type.size, INT_BYTES) : 8;
  switch (form) {
    case 'signed': return typeof value === 'bigint' ? String(wrap(value, size, true)) : undefined;
    case 'unsigned': return typeof value === 'bigint' ? String(wrap(value, size, false)) : undefined;
    case 'hex': return typeof value === 'bigint' ? wrap(value, size, false).toString(16) : undefined;
    case 'text': return typeof value !== 'string' ? undefined : type.kind === 'stack' ? frames(value) : value;
    case 'bytes': return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : undefined;
  }
}

/** As bpftrace prints them: an address and a name on a line each; here the name is the address, and whoever decodes it knows better. */
const frames = (stack: string): string => `\n${stack.split(' ').map(address => `${address} 0x${address}`).join('\n')}`;
