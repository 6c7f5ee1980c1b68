import type { WhyAnswer } from '../../src/model/why.ts';

/** Every sentence, with what it rests on: "read: ...". */
export function sentences(answer: WhyAnswer): readonly string[] {
  const said = [...answer.answer, ...answer.details, ...answer.origins.flatMap(origin => [...origin.for, ...origin.against])].map(({ basis, text }) => `${basis}: ${text}`);
  return [
    ...said, ...answer.origins.map(({ standing, said: { basis, text } }) => `${basis}: ${standing}: ${text}`),
    ...answer.rules.map(({ rule, text }) => `rule ${rule.text}: ${text}`),
    ...answer.losers.map(({ route, text }) => `loser ${route.type === 'unicast' ? '' : `${route.type} `}${route.dst} table ${route.tableName ?? route.table}${route.metric === 0 ? '' : ` metric ${route.metric}`}: ${text}`),
    ...answer.advice.map(text => `advice: ${text}`), ...answer.caveats.map(text => `but: ${text}`),
  ];
}

/** What is to be said and is not. */
export const unsaid = (answer: WhyAnswer, wanted: readonly (string | RegExp)[]): readonly string[] => {
  const all = sentences(answer);
  return wanted.filter(want => !all.some(sentence => typeof want === 'string' ? sentence.includes(want) : want.test(sentence))).map(String);
};

export const shortAnswer = (answer: WhyAnswer): readonly string[] => answer.answer.map(({ basis, text }) => `${basis}: ${text}`);
