/** What a terminal shows after a program has written to it: enough of one for what the operator and the installer write. */

/** Text in one style: the numbers of its colour and weight, as SGR codes; empty if it is plain. */
export interface Run {
  readonly text: string;
  readonly style: string;
}

type Row = [character: string, style: string][];

/** @throws for a control sequence that it does not know. */
export function screenOf(written: string): (readonly Run[])[] {
  const rows: Row[] = [[]];
  let [row, column, style] = [0, 0, ''];
  const tokens = /\u001b\[([?\d;]*)([A-Za-z])|[\r\n]|[^\u001b\r\n]/gu;
  for (const [token, parameters = '', command] of written.matchAll(tokens)) {
    if (command === undefined) {
      if (token === '\r') column = 0;
      else if (token === '\n') {
        row += 1;
        rows[row] ??= [];
      } else (rows[row] ?? [])[column++] = [token, style];
      continue;
    }
    const count = Number(parameters === '' ? '1' : parameters);
    if (command === 'm') style = /^0?$/.test(parameters) ? '' : parameters;
    else if (command === 'A') row = Math.max(0, row - count);
    else if (command === 'K') rows[row]?.splice(column);
    else if (command === 'J') {
      rows[row]?.splice(column);
      rows.splice(row + 1);
    } else if (command !== 'h' && command !== 'l') {
      throw new Error(`the terminal does not know ${JSON.stringify(token)}`);
    }
  }
  return rows.map(runsOf);
}

function runsOf(row: Row): readonly Run[] {
  const runs: { text: string; style: string }[] = [];
  for (const [character, style] of Array.from(
    row,
    (cell: Row[number] | undefined) => cell ?? ([' ', ''] as const),
  )) {
    const last = runs.at(-1);
    if (last?.style === style) last.text += character;
    else runs.push({ text: character, style });
  }
  return runs;
}

export const lineText = (runs: readonly Run[]): string => runs.map(({ text }) => text).join('');
