/** A client for the warehouse that is independent of the jobs' client. */
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  ListStatementsCommand,
  type ListStatementsCommandInput,
  RedshiftDataClient,
  type StatementData,
} from '@aws-sdk/client-redshift-data';
import { scriptFaults } from '@user-behaviour/local-cloud/endpoint/script-faults';
import { type KeyPair, keyPairOf } from '@user-behaviour/local-cloud/key-pair';

type Environment = Readonly<Record<string, string | undefined>>;
type Value = string | null;

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

const running = ['SUBMITTED', 'PICKED', 'STARTED'] as const;

export class WarehouseClient implements Disposable {
  readonly #client: RedshiftDataClient;
  readonly #endpoint: string;
  readonly #keys: KeyPair;
  readonly #target: { readonly WorkgroupName: string; readonly Database: string };

  constructor(env: Environment) {
    this.#endpoint = required(env, 'AWS_ENDPOINT_URL_REDSHIFT_DATA');
    this.#keys = keyPairOf(env);
    this.#target = {
      WorkgroupName: required(env, 'REDSHIFT_WORKGROUP'),
      Database: required(env, 'REDSHIFT_DATABASE'),
    };
    this.#client = new RedshiftDataClient({
      endpoint: this.#endpoint,
      region: required(env, 'AWS_REGION'),
      credentials: this.#keys,
    });
  }

  /** Submits without waiting. Returns the statement's id. */
  async submit(Sql: string): Promise<string> {
    const { Id = '' } = await this.#client.send(
      new ExecuteStatementCommand({ ...this.#target, Sql }),
    );
    return Id;
  }

  /** Runs one statement. Returns its rows by the names of the columns. @throws when it fails. */
  async query(sql: string): Promise<readonly Readonly<Record<string, Value>>[]> {
    const { columns, rows } = await this.#run(sql);
    return rows.map((row) =>
      Object.fromEntries(row.map((value, index) => [columns[index] ?? '', value])),
    );
  }

  /** Runs one statement. Returns each row as its values. @throws when it fails. */
  async rows(sql: string): Promise<Table['rows']> {
    return (await this.#run(sql)).rows;
  }

  /** Runs a transaction. Returns how it ended. */
  async batch(
    sqls: readonly string[],
    parameters: Readonly<Record<string, string>>,
  ): Promise<DescribeStatementResponse> {
    const { Id = '' } = await this.#client.send(
      new BatchExecuteStatementCommand({
        ...this.#target,
        Sqls: [...sqls],
        Parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
      }),
    );
    return this.#end(Id);
  }

  /** The statements of every state whose names begin with the prefix. */
  async statements(prefix: string): Promise<readonly StatementData[]> {
    return this.#list({ StatementName: prefix, Status: 'ALL' });
  }

  /** The statements that are running, under any name. */
  async runningStatements(): Promise<readonly StatementData[]> {
    return (await Promise.all(running.map((Status) => this.#list({ Status })))).flat();
  }

  async cancel(Id: string): Promise<void> {
    await this.#client.send(new CancelStatementCommand({ Id }));
  }

  /** Adds to the emulator's script of faults. */
  async script(...faults: readonly object[]): Promise<void> {
    await scriptFaults(
      this.#endpoint,
      { keys: this.#keys, signingName: 'redshift-data' },
      ...faults,
    );
  }

  async #run(sql: string): Promise<Table> {
    const Id = await this.submit(sql);
    const end = await this.#end(Id);
    if (end.Status !== 'FINISHED') throw new Error(`${sql}: ${end.Error ?? String(end.Status)}`);
    return end.HasResultSet === true ? this.#result(Id) : { columns: [], rows: [] };
  }

  async #end(Id: string): Promise<DescribeStatementResponse> {
    for (;;) {
      const state = await this.#client.send(
        new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }),
      );
      if (!running.some((status) => status === state.Status)) return state;
    }
  }

  async #result(Id: string): Promise<Table> {
    const rows: (readonly Value[])[] = [];
    let NextToken: string | undefined;
    for (;;) {
      const page = await this.#client.send(
        new GetStatementResultCommand({ Id, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
      rows.push(...(page.Records ?? []).map((record) => record.map(text)));
      NextToken = page.NextToken === '' ? undefined : page.NextToken;
      if (NextToken === undefined) {
        return { columns: (page.ColumnMetadata ?? []).map(({ name }) => name ?? ''), rows };
      }
    }
  }

  async #list(filter: ListStatementsCommandInput): Promise<readonly StatementData[]> {
    return (await this.#client.send(new ListStatementsCommand(filter))).Statements ?? [];
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

const text = (field: Field): Value =>
  field.isNull === true
    ? null
    : String(field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue);

function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined) throw new Error(`${name} is missing: the cloud needs redshift`);
  return value;
}
