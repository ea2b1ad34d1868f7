/** What is submitted to the Data API. Name and token let a later run find the statement after a kill. */
import { createHash } from 'node:crypto';
import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import { Failure, type FailureKindName } from '@user-behaviour/shared/failure';
import type { Notes } from '@user-behaviour/shared/runner/day-record';
import { withoutValues } from '@user-behaviour/shared/redaction/without-values';
import { describeDuration } from '@user-behaviour/shared/waiting';
import { ruleOf } from './error-rules.ts';
import type { Parameters, Statement } from './sql.ts';

export interface Submission {
  /** `job/ds/run/step`: the statement's name, and a part of its token. */
  readonly name: string;
  readonly statements: readonly Statement[];
  readonly parameters?: Parameters;
  /** A query that changes nothing. It is always run again, because an earlier result may be out of date. */
  readonly reads?: boolean;
  /** `TRANSACTION`: all or nothing. `AUTO_COMMIT`: each statement alone, as external DDL requires. */
  readonly mode?: 'TRANSACTION' | 'AUTO_COMMIT';
  /** Times `submit` and, if Redshift has not answered it with the end, `wait`. Part of neither name nor token. */
  readonly phase?: Notes['phase'];
  /** Called after each attempt, whichever way it ended. What ended within the submission has only its id and state. */
  readonly onEnd?: (ended: DescribeStatementResponse) => void;
}

/** 64 characters, the longest token allowed; Redshift remembers it for eight hours. */
export function token({ name, statements, parameters }: Submission, number: number): string {
  const content = JSON.stringify([name, statements.map(({ sql }) => sql), parameters, number]);
  return createHash('sha256').update(content).digest('hex');
}

/** A statement had not ended at the deadline, in milliseconds, and was cancelled. */
export class StatementTimeout extends Failure {
  constructor(name: string, timeout: number) {
    super(
      'transient',
      `${name} did not end within ${describeDuration(timeout)} and was cancelled`,
      {
        action:
          'find out what keeps the warehouse busy, or raise REDSHIFT_STATEMENT_TIMEOUT of the job',
      },
    );
  }
}

/** A statement failed in Redshift, or was cancelled. `kind` and `action` follow from its text, without row values. */
export class StatementError extends Error {
  /** The failed one, where Redshift names it. */
  readonly statement: Statement | undefined;
  readonly kind: FailureKindName;
  readonly action: string;
  /** What an audit found, without the days, if the statement is an audit that failed by its own verdict. */
  readonly finding: string | undefined;
  /** The days that an audit names, as far as Redshift quotes its verdict. */
  readonly days: ReadonlySet<string>;

  constructor(error: string, statement: Statement | undefined) {
    super(withoutValues(error, statement?.sql));
    this.statement = statement;
    ({ kind: this.kind, action: this.action } = ruleOf(error));
    this.finding = auditFinding(error, statement);
    this.days = new Set(
      this.finding === undefined ? [] : (error.match(/\b\d{4}-\d{2}-\d{2}\b/g) ?? []),
    );
  }
}

/**
 * An audit fails by casting its finding to a number. Redshift quotes the whole text, or only the first
 * character: `Invalid digit, Value 'a', Pos 0`. Any other error of an audit says nothing about the data.
 */
function auditFinding(error: string, statement: Statement | undefined): string | undefined {
  if (statement?.kind !== 'audit') return undefined;
  const [, finding = ''] = /\belse '([^':]+)/.exec(statement.sql) ?? [];
  const [, digit] = /invalid digit, value '(.)'/i.exec(error) ?? [];
  const isFound = finding !== '' && (error.includes(finding) || digit === finding[0]);
  return isFound ? finding : undefined;
}
