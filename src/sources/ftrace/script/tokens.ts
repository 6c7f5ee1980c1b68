export type Token =
  | { readonly kind: 'number' | 'name' | 'variable' | 'map' | 'given' | 'text' | 'sign'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

/** Something that the subset of probes/README.md does not have, or a script with a fault. */
export class ScriptError extends Error {}

const FORMS: readonly (readonly [Exclude<Token['kind'], 'end'> | 'space', RegExp])[] = [
  ['space', /(?:\s+|\/\*[\s\S]*?\*\/|\/\/[^\n]*|#![^\n]*)/y],
  ['number', /0[xX][0-9a-fA-F]+|\d+/y],
  ['given', /\$\d+/y],
  ['variable', /\$[A-Za-z_]\w*/y],
  ['map', /@\w*/y],
  ['name', /[A-Za-z_]\w*/y],
  ['text', /"(?:[^"\\]|\\.)*"/y],
  ['sign', /->|&&|\|\||==|!=|<=|>=|<<|>>|[-+*/%&|^!~<>=(){}[\],;:.]/y],
];

/** @throws ScriptError */
export function tokensOf(script: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < script.length;) {
    const hit = FORMS.map(([kind, form]) => { form.lastIndex = at; return { kind, text: form.exec(script)?.[0] }; }).find(({ text }) => text !== undefined);
    if (hit?.text === undefined) throw new ScriptError(`what is "${script.slice(at, at + 20)}"?`);
    if (hit.kind !== 'space') tokens.push({ kind: hit.kind, text: hit.text, at });
    at += hit.text.length;
  }
  return [...tokens, { kind: 'end', text: '', at: script.length }];
}
