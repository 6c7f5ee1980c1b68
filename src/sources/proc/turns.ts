/** A look that is taken again and again; false: no more. */
type Look = () => boolean;

/** One look of somebody is taken this often. */
const EVERY_MS = 250;

const waiting: Look[] = [];
let timer: NodeJS.Timeout | undefined;

/** Takes the looks of all in turn: however many there are, they take no more time than one. The first one is taken at once. */
export function takeTurns(look: Look): void {
  if (!look()) return;
  waiting.push(look);
  timer ??= setInterval(takeNext, EVERY_MS).unref();
}

function takeNext(): void {
  const next = waiting.shift();
  if (next?.() === true) waiting.push(next);
  if (waiting.length > 0) return;
  clearInterval(timer);
  timer = undefined;
}
