/** Which SQL makes the metric: days that were loaded with other SQL are due. Pure. */
import { createHash } from 'node:crypto';
import type { Statement } from '../data-api/sql.ts';

/** Statements that change neither the rows of the metric nor what must hold of them. */
const bookkeeping = new Set([
  'lock',
  'delete_ledger',
  'insert_ledger',
  'delete_day_counts',
  'insert_day_counts',
  'summary',
  'drop_purchase_day',
  'drop_review_day',
  'drop_planned_day',
]);

/** SHA-256, in hexadecimal. Comments and white space do not count. */
export function loadSqlOf(transaction: readonly Statement[]): string {
  const deciding = transaction.filter(({ name }) => !bookkeeping.has(name));
  const texts = deciding.map(({ sql }) => words(sql).join(' '));
  return createHash('sha256').update(texts.join('\n')).digest('hex');
}

/** Quoted texts and names stay as they are. */
const words = (sql: string): readonly string[] =>
  (sql.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\w+|[^\s\w]/g) ?? []).filter(
    (word) => !/^(--|\/\*)/.test(word),
  );
