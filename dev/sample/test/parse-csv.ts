/** A small CSV parser for the tests: a state machine, independent of the writer. */

/** @throws for a quote that is never closed, or that opens or closes in the middle of a field. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  const endField = (): void => {
    row.push(field);
    field = '';
    state = 'start';
  };
  for (const character of text) {
    if (state === 'quoted') {
      if (character === '"') state = 'closed';
      else field += character;
    } else if (character === '"') {
      if (state === 'bare') throw new Error(`row ${rows.length + 1}: a quote inside a bare field`);
      if (state === 'closed') field += '"';
      state = 'quoted';
    } else if (character === ',') endField();
    else if (character === '\n') {
      endField();
      rows.push(row);
      row = [];
    } else {
      if (state === 'closed') throw new Error(`row ${rows.length + 1}: text after a closing quote`);
      field += character;
      state = 'bare';
    }
  }
  if (state !== 'start' || row.length > 0) throw new Error('the last row does not end');
  return rows;
}
