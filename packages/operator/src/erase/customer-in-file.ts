/** Looks for a customer in a file of purchases, of reviews or of rejected lines. */
import { readCsvRows } from '../show/csv-rows.ts';
import { beginsWithCustomer, digitsOf, isCustomer } from './customer.ts';

/** The column of the purchases' file. */
const column = 'customer_id';

/**
 * Whether a row of the file is the customer's. The first line says what the file is: JSON of rejects, CSV of
 * purchases, which may have line breaks in quotes, or CSV of reviews, a line each. Reads only as far as needed.
 */
export async function holdsCustomer(
  content: AsyncIterable<Uint8Array>,
  customer: string,
): Promise<boolean> {
  const lines = linesOf(content);
  const beginning = await lines.next();
  const first = beginning.done === true ? '' : beginning.value;
  if (first.startsWith('{') && rejectHolds(first, customer)) return true;
  const holds = first.startsWith('{')
    ? rejectHolds
    : first.split(',').includes(column)
      ? purchaseHolds(first)
      : beginsWithCustomer;
  for await (const line of lines) if (holds(line, customer)) return true;
  return false;
}

/** Takes a line at a time; a record ends with the line in which its last quote is closed. */
function purchaseHolds(header: string): (line: string, customer: string) => boolean {
  let record: string[] = [];
  let isOpen = false;
  return (line, customer) => {
    record.push(line);
    if (hasOddQuotes(line)) isOpen = !isOpen;
    if (isOpen) return false;
    const csv = [header, ...record].join('\n');
    record = [];
    if (!csv.includes(digitsOf(customer))) return false;
    const { columns, rows } = readCsvRows(csv, 1, false);
    return rows.some((row) => isCustomer(row[columns.indexOf(column)] ?? '', customer));
  };
}

const hasOddQuotes = (line: string): boolean => (line.match(/"/g)?.length ?? 0) % 2 === 1;

/** A line that is no JSON counts if the id is anywhere in it. */
function rejectHolds(json: string, customer: string): boolean {
  if (!json.includes(digitsOf(customer))) return false;
  try {
    const values = Object.values(JSON.parse(json) as Record<string, unknown>).map(String);
    return values.some((text) => isCustomer(text, customer) || beginsWithCustomer(text, customer));
  } catch {
    return true;
  }
}

/** The lines, without a byte order mark. Parts of a long line are joined once. */
async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let parts: string[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of content) {
    const text = decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    parts.push(lines[0] ?? '');
    for (const next of lines.slice(1)) {
      yield parts.join('');
      parts = [next];
    }
  }
  const last = parts.join('');
  if (last !== '') yield last;
}
