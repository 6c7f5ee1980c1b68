import type { ImpactOutput } from '../model/output.ts';
import { endpointTexts, impactTitle } from '../report/impact-text.ts';
import { clockText } from '../report/words.ts';
import { segment, type Line } from './line.ts';
import type { Page } from './page.ts';

/** Endpoints of one impact that are shown, each with its way before and after. */
const ENDPOINTS = 20;

/** The last word on each impact: one that is over says so in place of what was expected. */
function standingImpacts(impacts: readonly ImpactOutput[]): readonly ImpactOutput[] {
  const later = new Map(impacts.filter(({ status }) => status !== 'expected').map((impact) => [impact.of, impact]));
  return impacts.filter(({ status }) => status === 'expected').flatMap((impact) => {
    const last = later.get(impact.id);
    return last === undefined ? [impact] : last.status === 'observed' ? [impact, ...impacts.filter(({ of }) => of === impact.id)] : [last];
  });
}

/** For a row of the list: how many are hit now. */
export function impactMark(impacts: readonly ImpactOutput[]): Line {
  const cleared = new Set(impacts.filter(({ status }) => status === 'cleared').map(({ of }) => of));
  const count = impacts.reduce((sum, { status, id, count: hit }) => sum + (status === 'expected' && !cleared.has(id) ? hit : 0), 0);
  return count === 0 ? [] : [segment(`HITS ${count}  `, 'alarm')];
}

/** Among what an outage asks for first. */
export const impactLines = (impacts: readonly ImpactOutput[], page: Page): readonly Line[] => [
  ...page.list('impact', standingImpacts(impacts).filter(({ status }) => status !== 'cleared').map(shortTitle), 'alarm'),
  ...page.list('over', standingImpacts(impacts).filter(({ status }) => status === 'cleared').map(shortTitle)),
];

const shortTitle = ({ status, headline }: ImpactOutput): string => status === 'cleared' ? headline : `${status}: ${headline}`;

/** The ways before and after. */
export const impactDetail = (impacts: readonly ImpactOutput[], page: Page): readonly Line[] =>
  impacts.flatMap((impact) => [
    ...page.block('reached', `${clockText(impact.time)}  ${impactTitle(impact)}`),
    ...endpointTexts(impact, ENDPOINTS).flatMap((text) => page.block('', text)),
  ]);
