import { EXIT } from '../model/errors.ts';
import { writeAnswer } from '../report/line-writer.ts';
import { safeJson } from '../report/sanitize.ts';
import { whyText } from '../report/why-text.ts';
import { ask } from './ask.ts';
import type { WhyQuestion } from './why-question.ts';
import { chooseNetns, type NetnsOptions } from './netns.ts';

const WIDTH = 80;
const WIDEST = 100;

/** Prints the answer. Exit code 0: there is a route, or one that refuses; 1: there is none. @throws RoutecauseError for what cannot be asked */
export async function why(question: WhyQuestion, options: NetnsOptions & { readonly json: boolean }): Promise<number> {
  const choice = chooseNetns(options);
  if (choice.kind === 'all') throw new Error('one question is about one namespace');
  const answer = await ask(question, choice);
  const { stdout, env } = process;
  const width = Math.min(stdout.isTTY ? stdout.columns : WIDTH, WIDEST);
  await writeAnswer(stdout, options.json ? safeJson(answer) : whyText(answer, { width, env, color: stdout.isTTY }));
  return answer.outcome === 'no-route' ? EXIT.error : EXIT.ok;
}
