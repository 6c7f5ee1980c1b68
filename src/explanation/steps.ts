import type { FactsOf, Happening, RouteChange } from '../model/attribution.ts';
import type { Actor, Step, Trigger } from '../model/output.ts';
import { becauseOf } from '../causes/words.ts';
import { baseName } from '../causes/cause.ts';
import { FUNCTION_WORDS } from './functions.ts';
import { IN_PLACE_WORDS, inPlaceWords } from './in-place-words.ts';
import { actorName } from './actor.ts';

/** The way from the root act to the route, each line following from the one above it. */
export function stepsOf(facts: FactsOf<Happening>, trigger: Trigger, result: string): Step[] {
  const steps: Step[] = [];
  const add = (text: string, extra: Omit<Step, 'depth' | 'text'> = {}): void => { steps.push({ depth: steps.length, text, ...extra }); };
  const words = isOfRoute(facts.change) && inPlaceWords(facts.change) !== undefined ? { ...FUNCTION_WORDS, ...IN_PLACE_WORDS } : FUNCTION_WORDS;
  const root = facts.act.call?.fn ?? (facts.request === undefined ? undefined : 'rtnetlink_rcv_msg');
  add(rootText(facts.act.actor, trigger), { ...(root === undefined ? {} : { function: root }), ...contextOf(facts.act.where) });
  if (facts.deferral !== undefined) {
    for (const step of pathSteps(facts.deferral.queuedFrames, root, words)) add(step.text, { function: step.function, ...contextOf(facts.act.where) });
    add('the rest is left to a worker thread of the kernel', { function: facts.deferral.fn });
  }
  for (const step of pathSteps(facts.frames ?? [], root, words)) add(step.text, { function: step.function, ...contextOf(facts.where) });
  add(result);
  return steps;
}

const isOfRoute = (change: Happening): change is RouteChange => 'route' in change && 'silent' in change;

const contextOf = (where: FactsOf<Happening>['where']): { context?: 'task' | 'kworker' | 'softirq' } => where === 'unknown' ? {} : { context: where };

function rootText(actor: Actor, trigger: Trigger): string {
  return becauseOf(trigger, actorName(actor));
}

/** The telling functions of a stack, outermost first, each once. */
function pathSteps(frames: readonly string[], root: string | undefined, words: Readonly<Record<string, string>>): { text: string; function: string }[] {
  const told = new Set<string>(root === undefined ? [] : [root]);
  return frames.toReversed().flatMap(frame => {
    const name = baseName(frame);
    const text = words[name];
    if (text === undefined || told.has(name)) return [];
    told.add(name);
    return [{ text, function: name }];
  });
}
