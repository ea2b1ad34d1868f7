/** Server settings of every session at the source. */

/**
 * Returns PostgreSQL's startup option `options`: one `-c name=value` for each setting.
 * `statementTimeout` is in milliseconds; 0 disables both timeouts.
 */
export function sessionOptions(statementTimeout: number): string {
  const settings = {
    default_transaction_read_only: 'on',
    // A policy that hides rows from this role is then an error instead of a smaller day.
    row_security: 'off',
    statement_timeout: statementTimeout,
    // Between two ranges a connection waits for another connection's range, or for S3.
    idle_in_transaction_session_timeout: statementTimeout,
    // These decide how values are written, so the file must not inherit the server's configuration.
    timezone: 'UTC',
    datestyle: 'ISO',
    client_encoding: 'UTF8',
    // A scan that starts anywhere, or runs in several workers, returns equal rows in a different order.
    synchronize_seqscans: 'off',
    max_parallel_workers_per_gather: 0,
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${String(value)}`)
    .join(' ');
}
