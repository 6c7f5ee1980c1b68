import { aboutTopic, besidesOf, entriesOf, exampleOf, isTopic, lookUp, TOPICS, type HostNames, type Topic } from '../encyclopedia/index.ts';
import { readRouteNames, type RouteName } from '../host/names.ts';
import { EXIT, RoutecauseError } from '../model/errors.ts';
import type { ExplainOutput } from '../model/explain-output.ts';
import { OUTPUT_SCHEMA } from '../model/output.ts';
import { explainText } from '../report/explain-text.ts';
import { writeAnswer } from '../report/line-writer.ts';
import { safeJson } from '../report/sanitize.ts';

/** Prints what is known of a thing, or what there is to look up. @throws RoutecauseError for what nobody knows */
export async function explain(topic: string | undefined, key: string, options: { readonly json: boolean }): Promise<number> {
  const answer = answerTo(topic, key, hostNames());
  await writeAnswer(process.stdout, options.json ? safeJson(answer) : explainText(answer, process.env));
  return EXIT.ok;
}

function answerTo(topic: string | undefined, key: string, names: HostNames): ExplainOutput {
  const schema = OUTPUT_SCHEMA;
  if (topic === undefined) return { kind: 'topics', schema, topics: TOPICS.map(one => ({ topic: one, about: aboutTopic(one), example: exampleOf(one) })) };
  if (!isTopic(topic)) {
    throw new RoutecauseError(`there is no topic ${topic}`, `topics are ${TOPICS.join(', ')}; routecause explain tells what they are about`, { exitCode: EXIT.usage });
  }
  const besides = besidesOf(topic);
  if (key === '') return { kind: 'entries', schema, topic, about: aboutTopic(topic), entries: entriesOf(topic, names).map(({ key: one, title, text }) => ({ key: one, title, meaning: topic === 'cause' ? title : text[0] ?? title })), ...(besides === undefined ? {} : { besides }) };
  const entry = lookUp(topic, key, names);
  if (entry === undefined) throw new RoutecauseError(`nothing is known of ${topic} ${key}`, remedyFor(topic), { exitCode: EXIT.usage });
  return { kind: 'entry', schema, ...entry };
}

const remedyFor = (topic: Topic): string => `routecause explain ${topic} lists what is${besidesOf(topic) === undefined ? '' : ', and other numbers can be looked up too'}`;

/** What this host calls numbers; where nothing can be read, nothing is said of it. */
function hostNames(): HostNames {
  const names = readRouteNames();
  const of = (kind: RouteName['of']): ReadonlyMap<number, string> => new Map(names.flatMap(({ of: what, id, name }) => what === kind ? [[Number(id), name] as const] : []));
  const [protocols, tables] = [of('protocol'), of('table')];
  return { ...(protocols.size === 0 ? {} : { protocols }), ...(tables.size === 0 ? {} : { tables }) };
}
