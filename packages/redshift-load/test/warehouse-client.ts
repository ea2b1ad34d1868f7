/** The warehouse as a person queries it, beside the job. */
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  ListStatementsCommand,
  RedshiftDataClient,
  type StatementData,
} from '@aws-sdk/client-redshift-data';

type Environment = Readonly<Record<string, string>>;
type Row = Readonly<Record<string, string | null>>;

export class WarehouseClient implements Disposable {
  readonly #client: RedshiftDataClient;
  readonly #endpoint: string;
  readonly #where: { readonly WorkgroupName: string; readonly Database: string };

  constructor(env: Environment) {
    this.#endpoint = required(env, 'AWS_ENDPOINT_URL_REDSHIFT_DATA');
    this.#where = {
      WorkgroupName: required(env, 'REDSHIFT_WORKGROUP'),
      Database: required(env, 'REDSHIFT_DATABASE'),
    };
    this.#client = new RedshiftDataClient({
      endpoint: this.#endpoint,
      region: required(env, 'AWS_REGION'),
      credentials: {
        accessKeyId: required(env, 'AWS_ACCESS_KEY_ID'),
        secretAccessKey: required(env, 'AWS_SECRET_ACCESS_KEY'),
      },
    });
  }

  /** Submits and does not wait. Returns the statement's id. */
  async submit(Sql: string): Promise<string> {
    const { Id } = await this.#client.send(new ExecuteStatementCommand({ ...this.#where, Sql }));
    return Id ?? '';
  }

  /** Runs one statement; its rows, when it has any. @throws when it fails. */
  async query(sql: string): Promise<readonly Row[]> {
    const Id = await this.submit(sql);
    const end = await this.#end(Id);
    if (end.Status !== 'FINISHED') throw new Error(`${sql}: ${end.Error ?? String(end.Status)}`);
    if (end.HasResultSet !== true) return [];
    const result = await this.#client.send(new GetStatementResultCommand({ Id }));
    const names = (result.ColumnMetadata ?? []).map(({ name }) => name ?? '');
    return (result.Records ?? []).map((record) =>
      Object.fromEntries(record.map((field, at) => [names[at] ?? '', text(field)])),
    );
  }

  /** Runs a transaction to its end, whatever that is. */
  async batch(
    sqls: readonly string[],
    parameters: Readonly<Record<string, string>>,
  ): Promise<DescribeStatementResponse> {
    const { Id = '' } = await this.#client.send(
      new BatchExecuteStatementCommand({
        ...this.#where,
        Sqls: [...sqls],
        Parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
      }),
    );
    return this.#end(Id);
  }

  /** All statements, under way or over, whose name begins so. */
  async statements(StatementName: string): Promise<readonly StatementData[]> {
    const { Statements } = await this.#client.send(
      new ListStatementsCommand({ StatementName, Status: 'ALL' }),
    );
    return Statements ?? [];
  }

  async cancel(Id: string): Promise<void> {
    await this.#client.send(new CancelStatementCommand({ Id }));
  }

  /** Adds to the endpoint's script of faults. */
  async script(...faults: readonly object[]): Promise<void> {
    const body = JSON.stringify(faults);
    const { ok } = await fetch(`${this.#endpoint}/_faults`, { method: 'POST', body });
    if (!ok) throw new Error('the faults were refused');
  }

  async #end(Id: string): Promise<DescribeStatementResponse> {
    for (;;) {
      const state = await this.#client.send(
        new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }),
      );
      if (['FINISHED', 'FAILED', 'ABORTED'].includes(state.Status ?? '')) return state;
    }
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

const text = (field: Field): string | null =>
  field.isNull === true
    ? null
    : String(field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue);

function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined) throw new Error(`${name} is missing: the cloud needs redshift`);
  return value;
}
