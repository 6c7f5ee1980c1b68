import { createPlainText } from '../report/plain-text.ts';
import type { OutputRecord, RouteChangeOutput } from '../model/output.ts';
import { withSection } from './sections.ts';

/** What was recorded of one scenario: what `ip` told, and what routecause makes of its own recording. */
export interface Lesson { readonly ip: IpSeen; readonly records: readonly OutputRecord[] }

/** `ip` before and after, and `ip monitor` meanwhile. */
export interface IpSeen { readonly before: string; readonly after: string; readonly monitor: string }

/** Longer listings are cut in the middle, with what is left out counted. */
const LISTING_LIMIT = 60;

/** Reads ip.txt, as record.ts writes it. @throws Error where a part is missing */
export function parseIpSeen(text: string): IpSeen {
  const part = (name: string): string => {
    const found = new RegExp(`^== ${name}\\n([\\s\\S]*?)(?=^== |(?![\\s\\S]))`, 'm').exec(text)?.[1];
    if (found === undefined) throw new Error(`ip.txt has no part ${name}`);
    return found.trimEnd();
  };
  return { before: part('before'), after: part('after'), monitor: part('monitor') };
}

/** A page with its generated parts written anew: what `ip` says, what `ip monitor` says, what routecause says, and the kernel's path. */
export function lessonPage(text: string, { ip, records }: Lesson): string {
  const sections: Readonly<Record<string, readonly string[]>> = {
    ip: ['Before:', '', ...block('console', ip.before.split('\n')), '', 'After:', '', ...block('console', ip.after.split('\n'))],
    monitor: block('console', ['# ip -ts monitor link address route rule nexthop netconf', ...cut(ip.monitor === '' ? ['(nothing)'] : ip.monitor.split('\n'))]),
    routecause: block('console', cut(toldLines(records))),
    path: kernelPaths(records),
  };
  return Object.entries(sections).reduce((page, [name, lines]) => withSection(page, name, lines), text);
}

function toldLines(records: readonly OutputRecord[]): string[] {
  const text = createPlainText({ env: { LANG: 'C.UTF-8' } });
  return records.flatMap(record => text.push(record));
}

/** A path for each effect of each cause, of its first change: from where the kernel was entered down to the message, or the silent removal. */
function kernelPaths(records: readonly OutputRecord[]): string[] {
  const firsts = new Map<string, RouteChangeOutput & { readonly stack: readonly string[] }>();
  for (const record of records) {
    if (record.kind !== 'route-change' || record.stack === undefined || record.cause === undefined) continue;
    const key = `${record.cause.id} ${record.change} ${record.silent}`;
    if (!firsts.has(key)) firsts.set(key, { ...record, stack: record.stack });
  }
  return [...firsts.values()].flatMap(({ cause, headline, stack }) => [
    '', `[\`${cause.id}\`](../causes/${cause.id}.md): ${headline}`, '', ...block('', stack.toReversed().map((name, depth) => `${'  '.repeat(depth)}${name}`)),
  ]).slice(1);
}

const block = (language: string, lines: readonly string[]): string[] => [`\`\`\`${language}`, ...lines.map(line => line.trimEnd()), '```'];

function cut(lines: readonly string[]): readonly string[] {
  if (lines.length <= LISTING_LIMIT) return lines;
  const kept = LISTING_LIMIT / 2;
  return [...lines.slice(0, kept), `[... ${lines.length - 2 * kept} more lines ...]`, ...lines.slice(-kept)];
}

/** docs/incidents: a row for each page, by its heading and the name that `incident run` takes. */
export function lessonsTable(pages: readonly { readonly name: string; readonly text: string }[]): string[] {
  return ['| incident | `incident run` |', '| --- | --- |', ...pages.map(({ name, text }) => `| [${/^# (.*)$/m.exec(text)?.[1] ?? name}](${name}.md) | \`${name}\` |`)];
}
