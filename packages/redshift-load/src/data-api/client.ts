/** A client of the Redshift Data API: submits each statement once, and waits until it has ended. */
import { randomUUID } from 'node:crypto';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  ListStatementsCommand,
  type RedshiftDataClient,
  type StatementData,
} from '@aws-sdk/client-redshift-data';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { Failure, retriesSoon } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/runner/log';
import { Attempts } from './attempts.ts';
import { isConflict } from './error-rules.ts';
import { StatementError, type Submission, token } from './request.ts';
import { emptyTable, fetchTable, namedRows, type Row, type Table } from './result.ts';
import { usedParameters } from './sql.ts';
import { statementState, type StatementState } from './status.ts';
import { attemptSubmit, type Connection, createClient, type Target, targetOf } from './target.ts';
import { StatementWait } from './wait.ts';

/** Seconds. Short, because a stop must wait for this reply: only its id lets the statement be cancelled. */
const submitPoll = 2;
/** Milliseconds, for what only the record of a run needs. */
const describeLimit = 1_000;

export class DataApi implements Disposable {
  readonly #client: RedshiftDataClient;
  readonly #target: Target;
  readonly #wait: StatementWait;
  readonly #signal: AbortSignal;
  /** When this process submitted its first statement, by Redshift's clock. */
  #startedAt: Date | undefined;

  constructor(
    connection: Connection,
    signal: AbortSignal,
    client: RedshiftDataClient = createClient(connection),
  ) {
    this.#client = client;
    this.#target = targetOf(connection);
    this.#signal = signal;
    const timeout = connection.REDSHIFT_STATEMENT_TIMEOUT;
    this.#wait = new StatementWait(client, { signal, timeout });
  }

  /**
   * Runs the statements and returns the batch's id. The token is made of name, content and attempt: a
   * submission whose reply was lost, or that a killed process of the same run left running, is found again
   * instead of made twice. One that had ended before this process began is made again. After a transient
   * error (error-rules.ts) the whole batch is tried again.
   * @throws StatementError when a statement fails for another reason.
   */
  async run(submission: Submission, log: Log | undefined): Promise<string> {
    const attempts = new Attempts(submission.name, this.#signal, log);
    for (let number = 1; ; number += 1) {
      const described = await this.#submit(submission, number, attempts);
      this.#startedAt ??= described.CreatedAt;
      const state = statementState(described);
      const ended = described.UpdatedAt;
      if (ended !== undefined && this.#startedAt !== undefined && ended < this.#startedAt) continue;
      submission.onEnd?.(described);
      if (state.is === 'finished') return described.Id ?? '';
      const error = errorOf(state, submission);
      const { message, action, kind, statement } = error;
      if (kind === 'configuration') {
        throw new Failure(kind, `${statement?.name ?? submission.name}: ${message}`, {
          cause: error,
          action,
        });
      }
      if (!retriesSoon(kind)) throw error;
      const reason = `${statement === undefined ? '' : `${statement.name}: `}${message}`;
      await attempts.pauseAfter({ reason, action, ...patienceWith(state) });
    }
  }

  /** Runs a query and returns its rows. */
  async ask(submission: Submission, log: Log | undefined): Promise<Row[]> {
    return this.rows(await this.run(submission, log));
  }

  /** The rows of a finished statement; `index`, from 0, names one of a batch. */
  async rows(id: string, index?: number): Promise<Row[]> {
    const Id = index === undefined ? id : `${id}:${String(index + 1)}`;
    return namedRows(await fetchTable(this.#client, Id));
  }

  /**
   * Runs any one statement, without a retry, and returns its result: an empty table if it has none.
   * @throws StatementError when it fails or is cancelled.
   */
  async table(submission: Submission): Promise<Table> {
    const ended = await this.#submit(submission, 1);
    const state = statementState(ended);
    if (state.is !== 'finished') throw errorOf(state, submission);
    const { Id = '', HasResultSet } = ended;
    return HasResultSet === true ? fetchTable(this.#client, Id) : emptyTable;
  }

  async #submit(
    submission: Submission,
    number: number,
    attempts?: Attempts,
  ): Promise<DescribeStatementResponse> {
    this.#signal.throwIfAborted();
    const { name, statements, mode } = submission;
    const parameters = Object.entries(usedParameters(statements, submission.parameters ?? {}));
    const request = {
      ...this.#target,
      StatementName: name,
      ClientToken: submission.reads === true ? randomUUID() : token(submission, number),
      WaitTimeSeconds: submitPoll,
      ...(parameters.length === 0
        ? {}
        : { Parameters: parameters.map(([key, value]) => ({ name: key, value })) }),
    };
    const [only] = statements;
    const send = () =>
      only !== undefined && statements.length === 1
        ? this.#client.send(new ExecuteStatementCommand({ ...request, Sql: only.sql }))
        : this.#client.send(
            new BatchExecuteStatementCommand({
              ...request,
              Sqls: statements.map(({ sql }) => sql),
              ExecutionMode: mode ?? 'TRANSACTION',
            }),
          );
    const reply = await attemptSubmit(name, send, attempts);
    const { Id, Status, CreatedAt, HasResultSet } = reply;
    if (Id === undefined) throw new Failure('transient', `Redshift gave no id for ${name}`);
    // The reply is complete if this process began the statement and it finished within the wait.
    const own = CreatedAt !== undefined && CreatedAt >= (this.#startedAt ?? CreatedAt);
    if (own && statementState({ Status }).is === 'finished') {
      return { Id, Status, CreatedAt, HasResultSet };
    }
    return this.#wait.own(Id, name);
  }

  /** The statements of the last 24 hours whose names begin with the prefix, of every run and in every state. */
  async list(prefix: string): Promise<StatementData[]> {
    const { Database, WorkgroupName, ClusterIdentifier } = this.#target;
    const statements: StatementData[] = [];
    let next: string | undefined;
    do {
      const page = await attempt(`list the statements ${prefix}…`, () =>
        this.#client.send(
          new ListStatementsCommand({
            Database,
            WorkgroupName,
            ClusterIdentifier,
            StatementName: prefix,
            Status: 'ALL',
            ...(next === undefined ? {} : { NextToken: next }),
          }),
          { abortSignal: this.#signal },
        ),
      );
      statements.push(...(page.Statements ?? []));
      next = page.NextToken === '' ? undefined : page.NextToken;
    } while (next !== undefined);
    return statements;
  }

  /** The duration and the queries of a statement that has ended; undefined if Redshift does not say them soon. */
  async describe(Id: string): Promise<DescribeStatementResponse | undefined> {
    const abortSignal = AbortSignal.any([this.#signal, AbortSignal.timeout(describeLimit)]);
    return this.#client
      .send(new DescribeStatementCommand({ Id }), { abortSignal })
      .catch(() => undefined);
  }

  /** Waits until a statement of another process has ended, whichever way. */
  async awaitOther(Id: string, name: string): Promise<void> {
    await this.#wait.other(Id, name);
  }

  /** Tries to cancel a statement that has ended, which shows whether cancelling is permitted. */
  async cancelEnded(Id: string): Promise<void> {
    await attempt(`cancel statement ${Id}`, () =>
      this.#client.send(new CancelStatementCommand({ Id })).catch((error: unknown) => {
        if (awsErrorName(error) !== 'ValidationException') throw error;
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

function errorOf(
  state: Exclude<StatementState, { readonly is: 'finished' }>,
  { statements }: Submission,
): StatementError {
  if (state.is === 'failed') return new StatementError(state.error, statements[state.index ?? 0]);
  return new StatementError(
    'it was cancelled from outside',
    statements.length === 1 ? statements[0] : undefined,
  );
}

function patienceWith(state: Exclude<StatementState, { readonly is: 'finished' }>): {
  readonly isConflict: boolean;
  readonly event?: string;
} {
  if (state.is === 'aborted') return { isConflict: true, event: 'was cancelled from outside' };
  return state.is === 'failed' && isConflict(state.error)
    ? { isConflict: true, event: 'conflicts with another transaction' }
    : { isConflict: false };
}
