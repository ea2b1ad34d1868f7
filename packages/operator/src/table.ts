/** Formats rows as a table for a terminal; numbers are aligned to the right. */
import { cut, wrap } from './fit-text.ts';

export type Cell = string | number | undefined;

export interface Layout {
  /** The table gets no wider, unless its numbers and dates need more. Without it, nothing is shortened. */
  readonly width?: number | undefined;
  /** Whether a text that is too wide ends with … or continues on the next line. */
  readonly overflow?: 'cut' | 'wrap';
}

const gap = '  ';
/** Columns of text do not get narrower than this. */
const narrowest = 8;

export function formatTable(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  { width, overflow = 'cut' }: Layout = {},
): string {
  const text = rows.map((row) => columns.map((_, index) => show(row[index])));
  const right = columns.map((_, index) =>
    rows.every((row) => row[index] === undefined || isNumber(row[index])),
  );
  const isFixed = columns.map((_, index) =>
    rows.every((row) => row[index] === undefined || isNumber(row[index]) || isDate(row[index])),
  );
  const widths = fittingWidths(columns, text, isFixed, width ?? Infinity);
  const pad = (part: string, index: number) =>
    right[index] === true ? part.padStart(widths[index] ?? 0) : part.padEnd(widths[index] ?? 0);
  const lines = (cells: readonly string[], how: 'cut' | 'wrap'): string[] => {
    const parts = cells.map((cell, index) =>
      how === 'wrap' ? wrap(cell, widths[index] ?? 0) : [cut(cell, widths[index] ?? 0)],
    );
    const height = Math.max(1, ...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) =>
      parts
        .map((part, index) => pad(part[line] ?? '', index))
        .join(gap)
        .trimEnd(),
    );
  };
  return [
    ...lines(columns, 'wrap'),
    widths.map((one) => '-'.repeat(one)).join(gap),
    ...text.flatMap((row) => lines(row, overflow)),
  ].join('\n');
}

/** As wide as the contents. If that is too much, headings wrap first; then the widest texts get narrower. */
function fittingWidths(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  isFixed: readonly boolean[],
  limit: number,
): number[] {
  const cells = columns.map((_, index) => largest(rows.map((row) => row[index]?.length ?? 0)));
  const total = (widths: readonly number[]) =>
    widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1));
  const atLeast = (least: (column: string) => number) =>
    columns.map((column, index) => Math.max(least(column), cells[index] ?? 0));
  const natural = atLeast(({ length }) => length);
  if (total(natural) <= limit) return natural;
  const widths = atLeast((column) =>
    largest(column.split(/ |(?<=[-_])/).map(({ length }) => length)),
  );
  while (total(widths) > limit) {
    const shrinkable = widths.map((one, index) => (isFixed[index] === true ? 0 : one));
    const widest = largest(shrinkable);
    if (widest <= narrowest) break;
    widths[shrinkable.indexOf(widest)] = widest - 1;
  }
  return widths;
}

const largest = (numbers: readonly number[]): number =>
  numbers.reduce((most, one) => Math.max(most, one), 0);

/** A line break or another control character within a value must not break the table. */
export const show = (cell: Cell): string =>
  cell === undefined ? '' : String(cell).replaceAll(/\p{Cc}/gu, ' ');

const isDate = (cell: Cell): boolean =>
  typeof cell === 'string' && /^\d{4}-\d\d-\d\d([ T][\d:.]+)?$/.test(cell);

const isNumber = (cell: Cell): boolean =>
  typeof cell === 'number' || (typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell));
