import type { Actor, AncestorOutput } from '../model/output.ts';
import { actorName, actorStanding, ancestryText, commandText } from '../report/words.ts';
import { segment, widthOf, wrapAtMost, wrapText, type Line } from './line.ts';
import { labelled, type Page } from './page.ts';

/** Nothing long may push the advice off an 80x24 screen: what is cut here stands in full further down. */
const COMMAND_ROWS = 2;

/** Who did it, in at most four rows. */
export function actorLines(actor: Actor, page: Page, ellipsis: string): readonly Line[] {
  const standing = actorStanding(actor);
  const command = commandText(actor.argv ?? []);
  const ancestry = actor.ancestry ?? [];
  const marker = isCommandCut(command, page) ? `  command of ${command.length} characters, in full below` : truncation(actor);
  return [
    ...labelled('who', [[segment(actorName(actor), 'strong'), segment(standing === '' ? '' : `  ${standing}`), segment(marker, 'likely')]]),
    ...labelled('', command === '' ? [] : wrapAtMost(command, page.width, COMMAND_ROWS, ellipsis).map((text) => [segment(text)])),
    ...labelled('', ancestry.length === 0 ? [] : wrapAtMost(fromText(ancestry), page.width, 1, ellipsis).map((text) => [segment(text)])),
  ];
}

/** What `actorLines` had to cut, and the command lines of the parents. */
export function fullActorLines(actor: Actor, page: Page): readonly Line[] {
  const command = commandText(actor.argv ?? []);
  const ancestry = actor.ancestry ?? [];
  const hasMore = ancestry.some(({ argv }) => argv !== undefined) || widthOf(fromText(ancestry)) > page.width;
  return [
    ...(isCommandCut(command, page) ? page.block('command', `${command}${truncation(actor)}`) : []),
    ...(hasMore ? page.list('parents', ancestry.map(parentText)) : []),
  ];
}

const fromText = (ancestry: readonly AncestorOutput[]): string => `from ${ancestryText(ancestry)}`;
const parentText = (parent: AncestorOutput): string => `${ancestryText([parent])}${parent.argv === undefined ? '' : `  ${commandText(parent.argv)}`}`;
const truncation = (actor: Actor): string => (actor.argvTruncated === true ? '  (command line truncated when it was seen)' : '');
const isCommandCut = (command: string, { width }: Page): boolean =>
  command.length > width * COMMAND_ROWS || wrapText(command, width).length > COMMAND_ROWS;
