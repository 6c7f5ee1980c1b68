import type { LossOutput, ChangeOutput, ImpactOutput } from '../model/output.ts';
import { scopeSentence } from '../report/impact-text.ts';
import { lossSentence, sessionSentence } from '../report/sentences.ts';
import { effectWords, isSilent, signText, subjectFields, subjectText } from '../report/happened.ts';
import { actorName, clockText, netnsText, reasonText, routeFields, routeText, verdictWord } from '../report/words.ts';
import { triggerText } from '../report/trigger-text.ts';
import { actorLines, fullActorLines } from './actor.ts';
import { impactDetail, impactLines } from './impact.ts';
import { segment, wrapAtMost, wrapText, type Line } from './line.ts';
import { signTone, toneOf } from './list.ts';
import { createPage, labelled } from './page.ts';
import type { Row } from './selectors.ts';
import type { ViewState } from './state.ts';
import { treeLines } from './tree.ts';

/** The rows at the top are what an outage asks for first, so nothing long may push advice off an 80x24 screen. */
const HEADLINE_ROWS = 3;

/** All lines about the selected row: what changed, who did it, what to do, then how it is known. */
export function detailLines(state: ViewState, row: Row | undefined, columns: number): readonly Line[] {
  if (row === undefined) return waitingLines(state, columns);
  if (row.kind === 'loss') return lossLines(row.entry.loss, columns);
  if (row.kind === 'impact') return impactEntryLines(row.entry.impacts, columns);
  const { impacts } = row.entry;
  const change = row.kind === 'change' ? row.change : row.lead;
  const page = createPage(columns);
  const isHeadlineCut = wrapText(change.headline, columns - 2).length > HEADLINE_ROWS;
  return [
    ...wrapAtMost(change.headline, columns - 2, HEADLINE_ROWS, state.theme.glyphs.ellipsis).map((text): Line => [segment(` ${text}`, 'strong')]),
    whatLine(state, change),
    verdictLine(change),
    ...actorLines(change.actor, page, state.theme.glyphs.ellipsis),
    ...impactLines(impacts, page),
    ...page.list('advice', numbered(change.advice ?? [])),
    ...page.list('war', change.war?.advice ?? [], 'alarm'),
    ...page.list('caveat', change.caveats ?? [], 'likely'),
    [],
    ...(change.trigger.kind === 'unknown' ? [] : page.block('trigger', triggerText(change.trigger))),
    ...labelled('how', treeLines(change.steps, page.width, state.theme.glyphs)),
    ...impactDetail(impacts, page),
    ...page.list('evidence', change.evidence.map(({ kind, text }) => `${kind}: ${text}`)),
    ...(change.rivals ?? []).flatMap((rival) =>
      page.block('or else', `${rival.cause.title}${rival.actor === undefined ? '' : ` by ${actorName(rival.actor)}`}; to tell apart: ${rival.tellApart}`)),
    ...(!('replaced' in change) || change.replaced === undefined ? [] : page.block('replaced', `${routeText(change.replaced)}  ${routeFields(change.replaced)}`)),
    ...page.block(SUBJECTS[change.kind], `${subjectText(change)}  ${subjectFields(change)}`),
    ...page.block('time', `${change.time}  ${effectWords(change)}`),
    ...change.references.flatMap(({ id, title, section, url }) =>
      page.block('see', [id, section === undefined ? undefined : `section ${section}`, title, url].filter((text) => text !== undefined).join('  '))),
    ...(isHeadlineCut ? page.block('headline', change.headline) : []),
    ...fullActorLines(change.actor, page),
    ...stackLines(state, change),
  ];
}

const SUBJECTS = { 'route-change': 'route', 'route-present': 'route', 'rule-change': 'rule', 'route-flags': 'route', exception: 'exception', attempt: 'asked' } as const;

const numbered = (texts: readonly string[]): readonly string[] =>
  (texts.length > 1 ? texts.map((text, index) => `${index + 1}. ${text}`) : texts);

function whatLine(state: ViewState, change: ChangeOutput): Line {
  return [
    segment(` ${signText(change, state.theme.unicode)} `, signTone(change)),
    segment(subjectText(change, { netns: state.session?.netns === undefined })),
  ];
}

function verdictLine(change: ChangeOutput): Line {
  const why = change.reason === undefined ? '' : `: ${reasonText(change.reason)}`;
  const caveats = change.caveats?.length ?? 0;
  const rivals = change.rivals?.length ?? 0;
  return [
    segment(` ${verdictWord(change)}`, toneOf(change)), segment(why), segment(change.verdict === 'unknown' ? '' : `: ${change.cause.title}`),
    segment(isSilent(change) ? '  silent' : '', 'replace'),
    segment(rivals === 0 ? '' : `  ${rivals} other ${rivals === 1 ? 'cause' : 'causes'} possible`, 'likely'),
    segment(caveats === 0 ? '' : `  ${caveats} ${caveats === 1 ? 'caveat' : 'caveats'}`, 'likely'),
  ];
}

function stackLines(state: ViewState, { stack }: ChangeOutput): readonly Line[] {
  if (stack === undefined || stack.length === 0) return state.hasStack ? labelled('stack', [[segment(state.session?.tier === 'netlink' ? 'none: nothing is traced here' : 'none was needed or seen', 'faint')]]) : [];
  if (!state.hasStack) return labelled('stack', [[segment(`${stack.length} frames, s shows them`, 'faint')]]);
  return labelled('stack', stack.map((frame) => [segment(frame, 'faint')]));
}

function impactEntryLines(impacts: readonly ImpactOutput[], columns: number): readonly Line[] {
  const page = createPage(columns);
  return [...impactLines(impacts, page), [], ...impactDetail(impacts, page)];
}

function lossLines(loss: LossOutput, columns: number): readonly Line[] {
  return wrapText(lossSentence(loss), columns - 2).map((text) => [segment(` ${text}`, 'alarm')]);
}

/** Before anything happened: what is being done, and what this host cannot show. */
function waitingLines(state: ViewState, columns: number): readonly Line[] {
  const page = createPage(columns);
  const { session } = state;
  if (state.filter.text !== '') return page.block('', `nothing holds all of "${state.filter.text}"; esc clears the filter`);
  if (session === undefined) return page.block('', 'looking at this host');
  return [
    ...page.block('', state.ready === undefined ? 'attaching to the kernel; changes before that are not seen' : `no route has changed since ${clockText(state.ready.time, 0)}`),
    [],
    ...page.block('session', sessionSentence(session)),
    ...state.scopes.flatMap((scope) => page.block('impact', `${session.netns === undefined ? `netns ${netnsText(scope.netns)}: ` : ''}${scopeSentence(scope)}`)),
    ...session.coverage.blind.flatMap(({ cause, missing }) => page.block('blind', `${cause}, for want of ${missing.join(', ')}`)),
    ...session.coverage.replaced.flatMap(({ probe, by }) => page.block('instead', `${by} for ${probe}`)),
  ];
}
