/** Errors of a PostgreSQL server as they may be logged: without values of rows, with the SQLSTATE. */
import { withoutValues } from './without-values.ts';

/** As node-postgres reports it. The fields `where`, `hint`, `internalQuery` and so on are left out. */
interface ServerError extends Error {
  readonly code: string;
  readonly detail?: string;
  readonly routine?: string;
}

/** Codes of Node, such as EPIPE, have five characters as well. */
const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error &&
  /^(?!E[A-Z])[0-9A-Z]{5}$/.test((error as Partial<ServerError>).code ?? '');

/**
 * Returns an error with the same `code`, `routine` and stack frames, and a message that has no value of a row.
 * An error that is not a server's is returned as it is. `statement` is the SQL that it is about, where that is known.
 */
export function withoutRowValues(error: unknown, statement?: string): unknown {
  if (!isServerError(error)) return error;
  const { code, message, detail, routine, stack = '' } = error;
  const said = [message, detail].filter((text) => text !== undefined && text !== '');
  // The author of a function wrote what it raises: a value may be any word of that.
  const texts = code.startsWith('P0')
    ? ["a function at the source raised an error, whose text is in the source's log"]
    : said.map((text) => withoutValues(text ?? '', statement));
  const safe = new Error(`${texts.join('; ')} (SQLSTATE ${code})`);
  const frames = stack.includes(message)
    ? stack.slice(stack.indexOf(message) + message.length)
    : '';
  safe.stack = `${safe.message}${frames}`;
  return Object.assign(safe, { code, routine });
}
