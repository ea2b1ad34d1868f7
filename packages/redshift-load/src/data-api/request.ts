/** What is submitted to the Data API: statements under a name and a token, both found again after a kill. */
import { createHash } from 'node:crypto';
import type { Parameters, Statement } from './sql.ts';

export interface Submission {
  /** `job/ds/run/step`: names the statement, so that it is found again, and makes its token. */
  readonly name: string;
  readonly statements: readonly Statement[];
  readonly parameters?: Parameters;
  /** A query that changes nothing: always asked anew, as an earlier answer may be out of date. */
  readonly reads?: boolean;
  /** `TRANSACTION`: all or nothing. `AUTO_COMMIT`: each alone, as external DDL must be. */
  readonly mode?: 'TRANSACTION' | 'AUTO_COMMIT';
}

/** 64 characters, the most that a token may have; Redshift remembers it for eight hours. */
export function token({ name, statements, parameters }: Submission, number: number): string {
  const content = JSON.stringify([name, statements.map(({ sql }) => sql), parameters, number]);
  return createHash('sha256').update(content).digest('hex');
}

/** A statement that Redshift refused, with the step that it was. */
export class StatementError extends Error {
  readonly statement: Statement | undefined;

  constructor(message: string, statement: Statement | undefined) {
    super(message);
    this.statement = statement;
  }
}
