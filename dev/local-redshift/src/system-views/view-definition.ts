/** Builds the SQL of a system view from the columns that Amazon documents. */
import { quoteName } from '../sql/sql-tokens.ts';

export interface SystemView {
  /** Names and types in the documented order: `userid integer, query integer`. */
  readonly columns: string;
  /** What the rows come from; without it, the view is always empty. */
  readonly from?: string;
  /** SQL for the columns that have a value here; the others are NULL. */
  readonly values?: Readonly<Record<string, string>>;
}

/** The names and types of the view's columns. */
export function columnsOf({ columns }: SystemView): { name: string; type: string }[] {
  return columns.split(/,\s*(?![^(]*\))/).map((column) => {
    const [, name = '', type = ''] = /^(\S+) (.+)$/.exec(column.trim()) ?? [];
    return { name, type };
  });
}

/** Creates the view for the session. */
export function createViewSql(name: string, view: SystemView): string {
  const columns = columnsOf(view).map(
    (column) =>
      `cast(${view.values?.[column.name] ?? 'null'} as ${column.type}) as ${quoteName(column.name)}`,
  );
  return `create or replace temp view ${name} as select ${columns.join(', ')} ${view.from === undefined ? 'where false' : `from ${view.from}`}`;
}
