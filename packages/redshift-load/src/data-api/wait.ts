/** The wait for the end of a statement: no failing Describe ends it, a deadline does. */
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import { type Patience, waitFor } from '@user-behaviour/shared/waiting';
import { statementState } from './status.ts';

/** Seconds that Redshift holds a reply back until the statement ends (30 at most). */
const longPoll = 30;

export class StatementEnds {
  readonly #client: RedshiftDataClient;
  readonly #patience: Patience;

  constructor(client: RedshiftDataClient, patience: Patience) {
    this.#client = client;
    this.#patience = patience;
  }

  /** Of a statement that this process wants: whatever ends the wait before, it is cancelled. */
  async own(Id: string, name: string): Promise<DescribeStatementResponse> {
    let end: DescribeStatementResponse | undefined;
    try {
      end = await this.#wait(Id, name);
    } catch (error) {
      await this.#cancel(Id);
      throw error;
    }
    return end ?? this.#giveUp(Id, name);
  }

  /**
   * Of another process's statement, whichever way it ends. A stop of this one leaves it alone. At the
   * deadline it is cancelled: a process that lives would have done so itself.
   */
  async other(Id: string, name: string): Promise<void> {
    if ((await this.#wait(Id, name)) === undefined) await this.#giveUp(Id, name);
  }

  /** Undefined at the deadline. */
  async #wait(Id: string, name: string): Promise<DescribeStatementResponse | undefined> {
    const WaitTimeSeconds = Math.min(longPoll, Math.ceil(this.#patience.limit / 1_000));
    const describe = async () => {
      try {
        const described = await attempt(`describe ${name}`, () =>
          this.#client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds }), {
            abortSignal: this.#patience.signal,
          }),
        );
        return statementState(described).is === 'running' ? undefined : described;
      } catch (error) {
        if (error instanceof Failure && error.kind === 'transient') return undefined;
        throw error;
      }
    };
    return waitFor(describe, this.#patience);
  }

  async #giveUp(Id: string, name: string): Promise<never> {
    await this.#cancel(Id);
    throw new Failure('transient', `${name} did not end in time and was cancelled`, {
      action: 'raise REDSHIFT_STATEMENT_TIMEOUT, or look what keeps the warehouse busy',
    });
  }

  /** Best effort: the transaction is whole or not at all, whichever way this ends. */
  async #cancel(Id: string): Promise<void> {
    await this.#client.send(new CancelStatementCommand({ Id })).catch(() => undefined);
  }
}
