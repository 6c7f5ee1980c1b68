import type { Handler } from '../script/ast.ts';
import { parseScript } from '../script/parse.ts';
import { ScriptError } from '../script/tokens.ts';
import { planOf, type Plan } from '../plans.ts';
import { and, filterText, necessary, or } from './condition.ts';
import { compile } from './expression.ts';
import type { Fetch, Origin } from './fetch.ts';
import { conditionOf } from './operators.ts';
import { fieldOf, type Kernel, type Scope, type Script } from './scope.ts';
import { compileBlock, type Compiled } from './statement.ts';
import { isTrue, type Frame } from './value.ts';

/** A handler of a script, ready to be put on its event. */
export interface Program {
  readonly script: string;
  readonly probe: 'kprobe' | 'kretprobe' | 'tracepoint' | 'interval';
  /** The function, the tracepoint "sched:sched_process_exit", or seconds. */
  readonly target: string;
  readonly fetches: readonly Fetch[];
  /** For the event's filter file; empty: everything passes. */
  readonly filter: string;
  readonly wantsStack: boolean;
  readonly locals: number;
  readonly run: (frame: Frame) => void;
}


/** Name of the field that the fetch argument of this index has. */
export const fieldName = (index: number): string => `a${index}`;

/** All handlers of a script. @throws ScriptError where kprobe events cannot do on this kernel what the script wants */
export function compileScript(name: string, text: string, kernel: Kernel): readonly Program[] {
  const script: Script = { kernel, writers: new Map(), maps: new Map() };
  const handlers = parseScript(text).filter(({ probe }) => probe !== 'profile').map((handler): Planned => ({ handler, plan: planOf(handler.probe, handler.target) }));
  const joined = handlers.filter(({ plan }) => plan.joins !== undefined);
  const isJoinedTo = ({ plan }: Planned) => (other: Planned): boolean => other.plan.probe === plan.probe && other.plan.target === plan.target;
  const own = handlers.filter(one => !joined.includes(one));
  const alone = joined.find(one => !own.some(isJoinedTo(one)));
  if (alone !== undefined) throw new ScriptError(`${alone.handler.target} has no handler of ${alone.plan.target} to join`);
  const parts = own.map(one => compileHandler(script, one, joined.filter(isJoinedTo(one))));
  // Later handlers may have added to what earlier ones fetch.
  return parts.map(part => ({ script: name, ...part() }));
}

interface Planned { readonly handler: Handler; readonly plan: Plan }

function compileHandler(script: Script, { handler, plan }: Planned, joined: readonly Planned[]): () => Omit<Program, 'script'> {
  const argument = (index: number | undefined): Origin | undefined => index === undefined ? undefined : { kind: 'argument', index };
  const scope: Scope = {
    script, fetches: [], canFetch: plan.probe === 'kprobe' || plan.probe === 'kretprobe', variables: new Map(), locals: new Map(), slots: 0, wantsStack: false, stackless: plan.stackless === true,
    argument: index => index, task: argument(plan.task), cgroupTask: argument(plan.cgroup),
    // From 6.6 on the kernel refuses to fetch what a function of no value returns (NO_RETVAL); before, it is what the register held.
    isVoid: plan.probe === 'kretprobe' && script.kernel.btf.prototype(plan.target)?.returns === 0,
  };
  const predicate = handler.predicate && compile(scope, handler.predicate);
  const bodies = [compileBlock(scope, handler.body), ...joined.map(one => compileJoined(scope, one))];
  const matters = or(...bodies.map(body => body.matters));
  const condition = necessary(predicate === undefined ? matters : and(conditionOf(predicate), matters));
  const filter = scope.canFetch ? filterText(condition, fetch => fieldName(fieldOf(scope, fetch))) : '';
  return () => ({
    probe: plan.probe, target: plan.target, fetches: scope.fetches, filter, wantsStack: scope.wantsStack, locals: scope.locals.size,
    run: frame => { if (predicate === undefined || isTrue(predicate.run(frame))) for (const body of bodies) body.run(frame); },
  });
}

/** Runs on the other handler's event, where that one's predicate holds. Variables are its own. */
function compileJoined(outer: Scope, { handler: { predicate, body }, plan }: Planned): Compiled {
  const scope: Scope = { ...outer, variables: new Map(), stackless: plan.stackless === true, argument: index => plan.joins?.args[index] };
  return compileBlock(scope, predicate === undefined ? body : [{ kind: 'if', condition: predicate, body, otherwise: [] }]);
}
