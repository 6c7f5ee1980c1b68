/** Cuts chunks into lines; where chunks break does not matter. A line longer than `limit` is cut there, so memory stays bounded. */
export function createLineSplitter(limit = 65_536): { push(chunk: string): string[]; rest(): string } {
  let pending = '';
  return {
    push(chunk) {
      const parts = (pending + chunk).split('\n');
      pending = parts.pop() ?? '';
      if (pending.length > limit) { parts.push(pending.slice(0, limit)); pending = ''; }
      return parts;
    },
    rest: () => pending,
  };
}
