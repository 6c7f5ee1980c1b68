/** `struct sk_buff *` is { name: 'struct sk_buff', pointers: 1 }. */
export interface TypeName { readonly name: string; readonly pointers: number }

export type Binary = '||' | '&&' | '|' | '^' | '&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '<<' | '>>' | '+' | '-' | '*' | '/' | '%';

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'text'; readonly value: string }
  /** `$1`: what the script was given. */
  | { readonly kind: 'given'; readonly index: number }
  /** arg0, retval, curtask, nsecs, cpu, tid, cgroup */
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'map'; readonly name: string; readonly keys: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'sizeof'; readonly type: TypeName }
  | { readonly kind: 'unary'; readonly sign: '!' | '-' | '~' | '*'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly sign: Binary; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'cast'; readonly type: TypeName; readonly of: Expression }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string; readonly arrow: boolean }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression };

export type Statement =
  | { readonly kind: 'assign'; readonly variable: string; readonly value: Expression }
  | { readonly kind: 'store'; readonly map: string; readonly keys: readonly Expression[]; readonly value: Expression }
  | { readonly kind: 'do'; readonly call: Extract<Expression, { kind: 'call' }> }
  | { readonly kind: 'if'; readonly condition: Expression; readonly body: readonly Statement[]; readonly otherwise: readonly Statement[] }
  | { readonly kind: 'return' };

/** One probe and what it does. */
export interface Handler {
  /** "kprobe", "kretprobe", "tracepoint", "interval", "profile" */
  readonly probe: string;
  /** "rtnl_notify", "sched:sched_process_exec", "s:10" */
  readonly target: string;
  readonly predicate: Expression | undefined;
  readonly body: readonly Statement[];
}
