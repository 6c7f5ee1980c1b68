/**
 * Breaks text at blanks into rows of at most `columns`; `first` stands before the first row, `further` before the others.
 * A word that is longer than a row keeps its length.
 */
export function wrapWords(text: string, columns: number, first = '', further = first): readonly string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(' ')) {
    const start = rows.length === 0 ? first : further;
    if (row !== '' && start.length + row.length + 1 + word.length > columns) {
      rows.push(start + row);
      row = word;
    } else row = row === '' ? word : `${row} ${word}`;
  }
  return [...rows, (rows.length === 0 ? first : further) + row];
}
