/** A query to the warehouse over the Redshift Data API, for a person to read. */
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  type GetStatementResultResponse,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { clientSettings } from '@user-behaviour/shared/s3/aws-client';
import { Failure } from '@user-behaviour/shared/failure';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { OperatorConfiguration } from '../config.ts';
import type { Cell } from '../table.ts';

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Milliseconds: ten minutes. */
const patience = 600_000;

/** `parameters` are bound as `:name`. A statement that Redshift refuses is a data failure with its text. */
export async function queryWarehouse(
  configuration: OperatorConfiguration,
  sql: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<QueryResult> {
  const client = new RedshiftDataClient(
    clientSettings(configuration.AWS_REGION, configuration.AWS_ENDPOINT_URL_REDSHIFT_DATA),
  );
  try {
    const Id = await submit(client, configuration, sql, parameters);
    const end = await waitFor(
      async () => {
        const described = await attempt('describe the query', () =>
          client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 })),
        );
        const running = ['SUBMITTED', 'PICKED', 'STARTED'].includes(described.Status ?? '');
        return running ? undefined : described;
      },
      { signal: new AbortController().signal, limit: patience },
    );
    if (end === undefined) {
      await client.send(new CancelStatementCommand({ Id })).catch(() => undefined);
      throw new Failure('transient', 'the query took more than ten minutes and was cancelled');
    }
    if (end.Status !== 'FINISHED') {
      throw new Failure('data', end.Error ?? `the query ended as ${String(end.Status)}`, {
        action: 'correct the statement',
      });
    }
    return end.HasResultSet === true ? await fetchResult(client, Id) : { columns: [], rows: [] };
  } finally {
    client.destroy();
  }
}

async function submit(
  client: RedshiftDataClient,
  configuration: OperatorConfiguration,
  sql: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const { REDSHIFT_WORKGROUP, REDSHIFT_CLUSTER_ID, REDSHIFT_SECRET_ARN } = configuration;
  const bound = Object.entries(parameters).map(([name, value]) => ({ name, value }));
  const { Id } = await submitting(() =>
    client.send(
      new ExecuteStatementCommand({
        Database: configuration.REDSHIFT_DATABASE,
        ...(REDSHIFT_WORKGROUP === undefined ? {} : { WorkgroupName: REDSHIFT_WORKGROUP }),
        ...(REDSHIFT_CLUSTER_ID === undefined ? {} : { ClusterIdentifier: REDSHIFT_CLUSTER_ID }),
        ...(REDSHIFT_SECRET_ARN === undefined ? {} : { SecretArn: REDSHIFT_SECRET_ARN }),
        StatementName: 'operator/query',
        WaitTimeSeconds: 10,
        Sql: sql,
        ...(bound.length === 0 ? {} : { Parameters: bound }),
      }),
    ),
  );
  if (Id === undefined) throw new Failure('transient', 'Redshift gave no id for the query');
  return Id;
}

/** The API refuses a target that does not exist, never a text: that fails when it runs. */
async function submitting<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await attempt('submit the query', call);
  } catch (error) {
    const refused = ['ValidationException', 'ResourceNotFoundException'];
    if (!(error instanceof Failure) || !refused.includes(awsErrorName(error.cause))) throw error;
    throw new Failure('configuration', error.message, {
      cause: error.cause,
      action: 'correct REDSHIFT_WORKGROUP or REDSHIFT_CLUSTER_ID, REDSHIFT_DATABASE, AWS_REGION',
    });
  }
}

async function fetchResult(client: RedshiftDataClient, Id: string): Promise<QueryResult> {
  const rows: (readonly Cell[])[] = [];
  let columns: readonly string[] = [];
  let next: string | undefined;
  do {
    const page = await attempt('fetch the result', () =>
      client.send(
        new GetStatementResultCommand({ Id, ...(next === undefined ? {} : { NextToken: next }) }),
      ),
    );
    const read = readPage(page);
    columns = read.columns;
    rows.push(...read.rows);
    next = page.NextToken === '' ? undefined : page.NextToken;
  } while (next !== undefined);
  return { columns, rows };
}

export const readPage = ({
  ColumnMetadata,
  Records,
}: Partial<GetStatementResultResponse>): QueryResult => ({
  columns: (ColumnMetadata ?? []).map(({ name }) => name ?? ''),
  rows: (Records ?? []).map((record) => record.map(cell)),
});

function cell(field: Field): Cell {
  if (field.isNull === true) return undefined;
  const value = field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue;
  return value === undefined ? undefined : String(value);
}
