// Runs statements in Redshift, one after the other, and waits for each. As AWS Lambda, behind a custom resource.
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { setTimeout } from 'node:timers/promises';

const client = new RedshiftDataClient({ maxAttempts: 10, retryMode: 'adaptive' });
const pause = 1000;

/**
 * A second run with the same statements changes nothing. Nothing is undone on delete: it goes with the warehouse.
 * @param {{
 *   RequestType: 'Create' | 'Update' | 'Delete',
 *   ResourceProperties: { workgroup: string, database: string, secretArn: string, statements: string[] },
 * }} event
 * @throws with the statement and Redshift's message
 */
export async function handler({ RequestType, ResourceProperties }) {
  const { workgroup, database, secretArn, statements } = ResourceProperties;
  if (RequestType !== 'Delete') {
    for (const Sql of statements) {
      const { Id } = await client.send(
        new ExecuteStatementCommand({
          WorkgroupName: workgroup,
          Database: database,
          SecretArn: secretArn,
          Sql,
        }),
      );
      await finished(Id, Sql);
    }
  }
  return { PhysicalResourceId: `${workgroup}/${database}` };
}

/** Redshift has no `create user if not exists`. */
const existsAlready = (sql, error) => /^create user /i.test(sql) && /already exists/i.test(error);

async function finished(Id, sql) {
  for (;;) {
    const { Status, Error: error = '' } = await client.send(new DescribeStatementCommand({ Id }));
    if (Status === 'FINISHED' || existsAlready(sql, error)) return;
    if (Status === 'FAILED' || Status === 'ABORTED') throw new Error(`${sql}: ${Status} ${error}`);
    await setTimeout(pause);
  }
}
