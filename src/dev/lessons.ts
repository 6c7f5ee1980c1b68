import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputRecord } from '../model/output.ts';
import { readRecording } from '../recording/read.ts';
import { createSession } from '../session.ts';
import { lessonPage, lessonsTable, parseIpSeen } from './lesson-pages.ts';
import { withSection } from './sections.ts';

/** A page of docs/incidents as it is, and as it should be. */
export interface LessonFile { readonly path: string; readonly is: string; readonly should: string }

/** Where the lessons were recorded: one kernel for all of them. */
const PLACE = '6.1-ftrace';

/** Every page of docs/incidents, made anew from the recording of the scenario that has its name. @throws Error for a page without one */
export async function lessonFiles(root: string): Promise<readonly LessonFile[]> {
  const folder = join(root, 'docs/incidents');
  const names = readdirSync(folder).filter(name => name.endsWith('.md') && name !== 'README.md').map(name => name.slice(0, -3)).sort();
  const pages = await Promise.all(names.map(async name => {
    const recorded = join(root, 'fixtures/scenarios', name, PLACE);
    if (!existsSync(join(recorded, 'ip.txt'))) throw new Error(`docs/incidents/${name}.md: the scenario is not recorded: node fixtures/record.ts ${name}`);
    const path = join(folder, `${name}.md`);
    const is = readFileSync(path, 'utf8');
    const records = await replayed(join(recorded, 'recording.rcr'));
    return { path, is, should: lessonPage(is, { ip: parseIpSeen(readFileSync(join(recorded, 'ip.txt'), 'utf8')), records }) };
  }));
  const index = join(folder, 'README.md');
  const text = readFileSync(index, 'utf8');
  const rows = lessonsTable(names.map((name, at) => ({ name, text: pages[at]?.should ?? '' })));
  return [...pages, { path: index, is: text, should: withSection(text, 'lessons', rows) }];
}

async function replayed(file: string): Promise<readonly OutputRecord[]> {
  await using recording = await readRecording(file);
  const session = createSession(recording.header.session);
  const records: OutputRecord[] = [{ ...recording.header.session, replayed: true }];
  for await (const observation of recording.observations) records.push(...session.push(observation));
  return [...records, ...session.flush()];
}
