import type { Step } from '../model/output.ts';
import { segment, wrapText, type Line } from './line.ts';
import type { Glyphs } from './theme.ts';

/** Deeper steps are drawn at this depth, so that text keeps room on a narrow screen. */
const DEEPEST = 8;

/** Steps as a tree: each deeper one follows from the line above it. */
export function treeLines(steps: readonly Step[], width: number, glyphs: Glyphs): readonly Line[] {
  return steps.flatMap((step, index) => {
    const depth = Math.min(step.depth, DEEPEST);
    const trunk = Array.from({ length: Math.max(0, depth - 1) }, (_, level) => (hasLater(steps, index, level + 1) ? glyphs.trunk : '   ')).join('');
    const own = depth === 0 ? '' : hasLater(steps, index, depth) ? glyphs.branch : glyphs.lastBranch;
    const below = depth === 0 ? '' : hasLater(steps, index, depth) ? glyphs.trunk : '   ';
    const context = step.context === undefined || step.context === 'task' ? '' : `[${step.context}] `;
    const room = Math.max(10, width - 3 * depth);
    const rows = wrapText(`${context}${step.text}`, room);
    const lines: Line[] = rows.map((text, row) => [segment(`${trunk}${row === 0 ? own : below}`, 'faint'), segment(text)]);
    return withFunction(lines, step.function, { indent: `${trunk}${below}`, room, lastRow: rows.at(-1) ?? '' });
  });
}

/** The kernel function stands behind the text where it fits, else on a row of its own. */
function withFunction(lines: readonly Line[], name: string | undefined, at: { readonly indent: string; readonly room: number; readonly lastRow: string }): readonly Line[] {
  const last = lines.at(-1);
  if (name === undefined || last === undefined || at.lastRow.includes(name)) return lines;
  const text = segment(`${name}()`, 'faint');
  if (at.lastRow.length + name.length + 4 <= at.room) return [...lines.slice(0, -1), [...last, segment('  '), text]];
  return [...lines, [segment(at.indent, 'faint'), text]];
}

/** Whether a later step hangs on the same parent at `depth`. */
function hasLater(steps: readonly Step[], index: number, depth: number): boolean {
  for (const step of steps.slice(index + 1)) {
    if (Math.min(step.depth, DEEPEST) < depth) return false;
    if (Math.min(step.depth, DEEPEST) === depth) return true;
  }
  return false;
}
