/** Tables for the documents. */

export type Alignment = 'left' | 'right';

/** A Markdown table as prettier formats it: columns padded to one width. */
export function markdownTable(
  columns: readonly (readonly [title: string, alignment: Alignment])[],
  rows: readonly (readonly string[])[],
): string {
  const cells = rows.map((row) => columns.map((_, at) => escaped(row[at] ?? '')));
  const widths = columns.map(([title], at) =>
    Math.max(3, title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => padded(cell, widths[at] ?? 0, columns[at]?.[1] ?? 'left')).join(' | ')} |`;
  const rule = columns.map(([, alignment], at) =>
    alignment === 'right' ? `${'-'.repeat((widths[at] ?? 3) - 1)}:` : '-'.repeat(widths[at] ?? 3),
  );
  return [
    line(columns.map(([title]) => title)),
    `| ${rule.join(' | ')} |`,
    ...cells.map(line),
  ].join('\n');
}

const padded = (cell: string, width: number, alignment: Alignment) =>
  alignment === 'right' ? cell.padStart(width) : cell.padEnd(width);

const escaped = (cell: string) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
