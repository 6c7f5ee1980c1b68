import { causeById } from '../causes/index.ts';
import { textFor } from '../encyclopedia/index.ts';
import type { Reference } from '../model/output.ts';
import type { Route } from '../model/route.ts';
import { WHY_SCHEMA, type OriginOutput, type Statement, type WhyAnswer } from '../model/why.ts';
import { errorName } from '../netlink/errors.ts';
import { read, type Origin } from '../provenance/origin.ts';
import { originsOf } from '../provenance/origins.ts';
import { routeWords, tableWords } from '../provenance/route-words.ts';
import { adviceFor, exceptionAdvice, referencesFor } from './advice.ts';
import { detailsOf } from './details.ts';
import { observedOrigin, remarks } from './history.ts';
import { focusOf, namingOf, type WhyInput } from './input.ts';
import { loserOutputs, outputOf } from './losers.ts';
import { meaningsOf } from './meanings.ts';
import { exceptionOf, exceptionWords, outcomeOf, outcomeWords } from './outcome.ts';
import { ruleSteps } from './rule-steps.ts';

/** The whole answer, out of what was read and recorded. Pure. */
export function whyAnswer(input: WhyInput): WhyAnswer {
  const { version, query, netns, situation, kernel, retraced: { walk, agrees, losers }, history } = input;
  const naming = namingOf(situation, input.names, netns);
  const route = focusOf(input);
  const output = (one: Route | undefined) => one === undefined ? undefined : outputOf(one, netns, naming);
  const origins = route === undefined ? [] : originsOf({ route, ...input });
  const seen = route === undefined ? undefined : observedOrigin(route, history, netns);
  const told = [...(seen === undefined ? [] : [seen.origin]), ...origins.map(originOutput)];
  const exception = exceptionOf(input);
  const overriding = exceptionAdvice(exception, input, naming);
  const meanings = meaningsOf(route, input);
  const [focus, used, entry] = [output(route), output(kernel.used), output(kernel.entry)];
  return {
    kind: 'why', schema: WHY_SCHEMA, version, query, netns, outcome: outcomeOf(input),
    answer: [
      outcomeWords(input), ...(exception === undefined ? [] : [exceptionWords(exception)]), ...(agrees ? [] : [disagreement(input)]), ...focusWords(route, input),
      ...(told[0] === undefined ? [] : [told[0].said]), ...leadWords(input),
    ],
    kernel: {
      ...(used === undefined ? {} : { used }), ...(entry === undefined ? {} : { entry }),
      ...(kernel.errno === undefined ? {} : { errno: kernel.errno, error: errorName(kernel.errno) }), ...(kernel.message === undefined ? {} : { message: kernel.message }), agrees,
    },
    ...(exception === undefined ? {} : { exception }), ...(focus === undefined ? {} : { route: focus }),
    rules: ruleSteps(walk.steps, netns, naming), losers: loserOutputs(losers, walk.winner, netns, naming),
    origins: told, details: [...detailsOf(route, input), ...remarks(input.key.dst, route, history, netns)],
    meanings: meanings.map(meaning => ({ topic: meaning.topic, key: meaning.key, title: meaning.title, text: textFor(meaning, query.family) })),
    advice: [...overriding.advice, ...seen?.change.advice ?? (route === undefined ? [] : adviceFor(route, origins, input, naming))],
    caveats: input.caveats,
    references: unique([...overriding.references, ...(seen?.change.references ?? referencesFor(origins[0])), ...meanings.flatMap(({ references }) => references)]),
  };
}

const originOutput = ({ id, standing, text, for: speaksFor, against, confirm, causeId }: Origin): OriginOutput => {
  const cause = causeId === undefined ? undefined : causeById(causeId);
  return {
    id, standing, said: { basis: 'inferred', text, reasons: speaksFor.map(reason => reason.text), confirm }, for: speaksFor, against,
    ...(cause === undefined ? {} : { cause: { id: cause.id, title: cause.title } }),
  };
};

/** Of a prefix: how it stands to the route that is used. */
function focusWords(route: Route | undefined, input: WhyInput): readonly Statement[] {
  const { prefix, retraced: { walk, agrees }, kernel } = input;
  if (prefix === undefined) return [];
  if (route?.dst !== prefix) return [read(`No table has a route for exactly ${prefix}: what is said of ${input.query.address} is said for an address in it.`)];
  const used = agrees ? walk.winner : kernel.entry;
  return used === route || used?.dst === prefix ? [] : [read(`There is ${routeWords(route, input)}, and it is not used for that.`)];
}

/** How the lookup got there. */
function leadWords({ retraced: { walk, losers, agrees }, ...input }: WhyInput): readonly Statement[] {
  const answered = walk.steps.find(({ outcome }) => outcome.kind === 'answered');
  if (!agrees || answered === undefined) return [];
  const table = walk.winner?.table ?? answered.rule.table;
  const others = losers.length === 0 ? 'no other route leads there' : `${losers.length} other ${losers.length === 1 ? 'route leads' : 'routes lead'} there, not taken`;
  return [read(`Rule ${answered.rule.priority} asked table ${tableWords(table, input)}; ${others}.`)];
}

function disagreement({ retraced: { walk }, ...input }: WhyInput): Statement {
  const ours = walk.winner === undefined ? 'to no route' : `to ${routeWords(walk.winner, input)}`;
  return read(`This is the kernel's own answer. Rules and tables as they were read lead ${ours}${walk.errno === undefined ? '' : ` (${errorName(walk.errno)})`}: why the kernel says otherwise is not understood here. What follows of rules and other routes may be wrong.`);
}

const unique = (references: readonly Reference[]): readonly Reference[] =>
  references.filter((reference, index) => references.findIndex(other => other.id === reference.id && other.section === reference.section) === index);
