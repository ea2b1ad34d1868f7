/** The warehouse as a person queries it, beside the job. */
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { Variables } from './job-container.ts';

export class WarehouseClient implements Disposable {
  readonly #env: Variables;
  readonly #client: RedshiftDataClient;

  constructor(env: Variables) {
    this.#env = env;
    this.#client = new RedshiftDataClient({
      endpoint: env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '',
      region: env['AWS_REGION'] ?? '',
      credentials: {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
  }

  /** Submits and does not wait. Returns the statement's id. */
  async submit(Sql: string): Promise<string> {
    const { REDSHIFT_WORKGROUP: WorkgroupName, REDSHIFT_DATABASE: Database } = this.#env;
    const { Id } = await this.#client.send(
      new ExecuteStatementCommand({ WorkgroupName, Database, Sql }),
    );
    return Id ?? '';
  }

  /** The rows, each as its values. @throws when the statement fails. */
  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    const Id = await this.submit(sql);
    for (;;) {
      const state = await this.#client.send(
        new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }),
      );
      if (state.Status === 'FAILED' || state.Status === 'ABORTED') throw new Error(state.Error);
      if (state.Status !== 'FINISHED') continue;
      if (state.HasResultSet !== true) return [];
      const { Records } = await this.#client.send(new GetStatementResultCommand({ Id }));
      return (Records ?? []).map((record) =>
        record.map((field): unknown => Object.values(field)[0]),
      );
    }
  }

  /** States of all statements, under way or over, whose name begins so. */
  async states(StatementName: string): Promise<readonly (string | undefined)[]> {
    const { Statements } = await this.#client.send(
      new ListStatementsCommand({ StatementName, Status: 'ALL' }),
    );
    return (Statements ?? []).map(({ Status }) => Status);
  }

  async cancel(Id: string): Promise<void> {
    await this.#client.send(new CancelStatementCommand({ Id }));
  }

  /** Adds to the endpoint's script of faults. */
  async script(...faults: readonly object[]): Promise<void> {
    const endpoint = this.#env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '';
    const body = JSON.stringify(faults);
    const { ok } = await fetch(`${endpoint}/_faults`, { method: 'POST', body });
    if (!ok) throw new Error('the faults were refused');
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}
