/** The Redshift Data API: every call the job makes to it, submitted once and waited for. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  ListStatementsCommand,
  type RedshiftDataClient,
  type StatementData,
} from '@aws-sdk/client-redshift-data';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/runner/log';
import { parseDuration } from '@user-behaviour/shared/waiting';
import type { LoadConfiguration } from '../config.ts';
import { createClient, submitting, type Target, targetOf } from './target.ts';
import { usedParameters } from './sql.ts';
import { StatementEnds } from './wait.ts';
import { isConflict, isRefusal, refusalAction, statementState, withoutValues } from './status.ts';
import { StatementError, type Submission, token } from './request.ts';

/** Short, since a stop must wait for this reply: only then can the statement be cancelled. */
const submitPoll = 2;
/** How often a transaction is tried that conflicts with others. */
const maxConflicts = 8;

export type Row = Readonly<Record<string, string | undefined>>;

export class DataApi implements Disposable {
  readonly #client: RedshiftDataClient;
  readonly #target: Target;
  readonly #ends: StatementEnds;
  readonly #signal: AbortSignal;
  /** When this process first asked, by Redshift's clock. */
  #startedAt: Date | undefined;

  constructor(
    configuration: LoadConfiguration,
    signal: AbortSignal,
    client: RedshiftDataClient = createClient(configuration),
  ) {
    this.#client = client;
    this.#target = targetOf(configuration);
    this.#signal = signal;
    const limit = parseDuration(configuration.REDSHIFT_STATEMENT_TIMEOUT) ?? 0;
    this.#ends = new StatementEnds(client, { signal, limit });
  }

  /**
   * Runs the statements and returns the batch's id. The token is made of name, content and attempt:
   * a submission whose answer was lost, or that a killed process of the same run left under way, is
   * found again instead of made twice; one that had ended before this process began is made anew.
   * Conflicts are tried again as a whole, with jitter; whatever else Redshift refuses is a
   * StatementError.
   */
  async run(submission: Submission, log: Log | undefined): Promise<string> {
    let conflicts = 0;
    for (let number = 1; ; number += 1) {
      const described = await this.#submit(submission, number);
      this.#startedAt ??= described.CreatedAt;
      const state = statementState(described);
      const ended = described.UpdatedAt;
      if (ended !== undefined && this.#startedAt !== undefined && ended < this.#startedAt) continue;
      if (state.is === 'finished') return described.Id ?? '';
      const error = state.is === 'failed' ? state.error : 'it was cancelled';
      const failed = state.is === 'failed' ? submission.statements[state.index ?? 0] : undefined;
      if (state.is === 'aborted' || isConflict(error)) {
        conflicts += 1;
        if (conflicts === maxConflicts) {
          throw new Failure(
            'transient',
            `${submission.name} was given up after ${String(conflicts)} attempts: ${error}`,
          );
        }
        log?.warn(
          { attempt: conflicts },
          state.is === 'aborted'
            ? `${submission.name} was cancelled by someone else; trying again`
            : `${submission.name} conflicts with another transaction; trying again`,
        );
        await sleep(Math.random() * 250 * 2 ** conflicts, undefined, { signal: this.#signal });
        continue;
      }
      if (isRefusal(error)) {
        throw new Failure('configuration', `${failed?.name ?? submission.name}: ${error}`, {
          action: refusalAction(error),
        });
      }
      throw new StatementError(withoutValues(error), failed);
    }
  }

  /** Runs a query and returns its rows. */
  async ask(submission: Submission, log: Log | undefined): Promise<Row[]> {
    return this.rows(await this.run(submission, log));
  }

  /** The rows of a finished statement; `index`, from 0, names one of a batch. */
  async rows(id: string, index?: number): Promise<Row[]> {
    const Id = index === undefined ? id : `${id}:${String(index + 1)}`;
    const rows: Row[] = [];
    let next: string | undefined;
    do {
      const page = await attempt(`fetch the result of statement ${Id}`, () =>
        this.#client.send(
          new GetStatementResultCommand({ Id, ...(next === undefined ? {} : { NextToken: next }) }),
        ),
      );
      const names = (page.ColumnMetadata ?? []).map(({ name }) => name ?? '');
      for (const record of page.Records ?? []) {
        rows.push(
          Object.fromEntries(record.map((field, column) => [names[column] ?? '', text(field)])),
        );
      }
      next = page.NextToken === '' ? undefined : page.NextToken;
    } while (next !== undefined);
    return rows;
  }

  async #submit(submission: Submission, number: number): Promise<DescribeStatementResponse> {
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
    const reply = await submitting(name, () =>
      only !== undefined && statements.length === 1
        ? this.#client.send(new ExecuteStatementCommand({ ...request, Sql: only.sql }))
        : this.#client.send(
            new BatchExecuteStatementCommand({
              ...request,
              Sqls: statements.map(({ sql }) => sql),
              ExecutionMode: mode ?? 'TRANSACTION',
            }),
          ),
    );
    const { Id, Status, CreatedAt } = reply;
    if (Id === undefined) throw new Failure('transient', `Redshift gave no id for ${name}`);
    // One that this process began, and that ended within the wait, has been told whole.
    const own = CreatedAt !== undefined && CreatedAt >= (this.#startedAt ?? CreatedAt);
    if (own && statementState({ Status }).is === 'finished') return { Id, Status, CreatedAt };
    return this.#ends.own(Id, name);
  }

  /** All statements of the last day whose names begin so, under way or over, whoever made them. */
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

  /** Waits until a statement of another process has ended, one way or the other. */
  async awaitOther(Id: string, name: string): Promise<void> {
    await this.#ends.other(Id, name);
  }

  /** Asks to cancel a statement that has ended: Redshift says that it has, or that nobody here may ask. */
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

function text(field: Field): string | undefined {
  if (field.isNull === true) return undefined;
  const value = field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue;
  return value === undefined ? undefined : String(value);
}
