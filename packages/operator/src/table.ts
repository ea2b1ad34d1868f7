/** Formats rows as a table for a terminal; numbers are aligned to the right. */

export type Cell = string | number | undefined;

export function formatTable(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const text = rows.map((row) => columns.map((_, index) => show(row[index])));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...text.map((row) => row[index]?.length ?? 0)),
  );
  const right = columns.map((_, index) =>
    rows.every((row) => row[index] === undefined || isNumber(row[index])),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) =>
        right[index] === true ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...text.map(line)].join(
    '\n',
  );
}

/** A line break or another control character within a value must not break the table. */
const show = (cell: Cell): string =>
  cell === undefined ? '' : String(cell).replaceAll(/\p{Cc}/gu, ' ');

const isNumber = (cell: Cell): boolean =>
  typeof cell === 'number' || (typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell));
