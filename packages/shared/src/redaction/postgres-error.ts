/** Errors of a PostgreSQL server as they may be logged: without values of rows, with the SQLSTATE. */
import { withoutValues } from './without-values.ts';

/** As node-postgres reports it. The fields `where`, `hint`, `internalQuery` and so on are left out. */
interface ServerError extends Error {
  readonly code: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly routine?: string;
}

/** No error of Node has a severity. Its codes, such as EPIPE, may have the five characters of an SQLSTATE. */
const isServerError = (error: unknown): error is ServerError => {
  if (!(error instanceof Error)) return false;
  const { severity, code = '' } = error as Partial<ServerError>;
  return severity !== undefined || /^(?!E[A-Z])[0-9A-Z]{5}$/.test(code);
};

/** Whether a function reports what its author wrote; PL/pgSQL, PL/Python, PL/Perl and PL/Tcl take any SQLSTATE. */
const isRaised = ({ code, routine = '' }: ServerError): boolean =>
  code.startsWith('P0') || /^(?:exec_stmt_raise|PLy_\w+|plperl_\w+|throw_tcl_error)$/.test(routine);

/**
 * Returns an error with the same `code`, `routine` and stack frames, and a message that has no value of a row.
 * An error that is not a server's is returned as it is. `statement` is the SQL that it is about, where that is known.
 */
export function withoutRowValues(error: unknown, statement?: string): unknown {
  if (!isServerError(error)) return error;
  const { code, message, detail, routine, stack = '' } = error;
  const said = [message, detail].filter((text) => text !== undefined && text !== '');
  // A value may be any word of what a function raises.
  const texts = isRaised(error)
    ? ["a function at the source raised an error, whose text is in the source's log"]
    : said.map((text) => withoutValues(text ?? '', statement));
  const safe = new Error(`${texts.join('; ')} (SQLSTATE ${code})`);
  const frames = stack.includes(message)
    ? stack.slice(stack.indexOf(message) + message.length)
    : '';
  safe.stack = `${safe.message}${frames}`;
  return Object.assign(safe, { code, routine });
}
