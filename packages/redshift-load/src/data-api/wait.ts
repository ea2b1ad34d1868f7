/** Waits for the end of a statement until a deadline; a failing DescribeStatement does not end the wait. */
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import { type PollOptions, waitFor } from '@user-behaviour/shared/waiting';
import { StatementTimeout } from './request.ts';
import { statementState } from './status.ts';

/** Seconds for which Redshift holds back the reply until the statement ends; 30 is the maximum. */
const longPoll = 30;

export class StatementWait {
  readonly #client: RedshiftDataClient;
  readonly #poll: PollOptions;

  constructor(client: RedshiftDataClient, poll: PollOptions) {
    this.#client = client;
    this.#poll = poll;
  }

  /** For a statement of this process. If the wait ends before it, for whatever reason, it is cancelled. */
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
   * For a statement of another process, whichever way it ends. A stop of this process leaves it running. At
   * the deadline it is cancelled: its own process, if alive, would have cancelled it by then.
   */
  async other(Id: string, name: string): Promise<void> {
    if ((await this.#wait(Id, name)) === undefined) await this.#giveUp(Id, name);
  }

  /** Returns undefined at the deadline. */
  async #wait(Id: string, name: string): Promise<DescribeStatementResponse | undefined> {
    const WaitTimeSeconds = Math.min(longPoll, Math.ceil(this.#poll.timeout / 1_000));
    const describe = async () => {
      try {
        const described = await attempt(`describe ${name}`, () =>
          this.#client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds }), {
            abortSignal: this.#poll.signal,
          }),
        );
        return statementState(described).is === 'running' ? undefined : described;
      } catch (error) {
        if (error instanceof Failure && error.kind === 'transient') return undefined;
        throw error;
      }
    };
    return waitFor(describe, this.#poll);
  }

  async #giveUp(Id: string, name: string): Promise<never> {
    await this.#cancel(Id);
    throw new StatementTimeout(name, this.#poll.timeout);
  }

  /** Best effort: whether it succeeds or not, the transaction commits whole or not at all. */
  async #cancel(Id: string): Promise<void> {
    await this.#client.send(new CancelStatementCommand({ Id })).catch(() => undefined);
  }
}
