/** The function that sets the warehouse up, with the AWS SDK against a server that answers as the Data API does. */
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { jobRoleName } from '../src/parts.ts';
import { setupStatements } from '../src/setup-sql.ts';
import { answerAsAws } from './fake-service.ts';

interface State {
  readonly Status: string;
  readonly Error?: string;
}

const sent: string[] = [];
/** What DescribeStatement answers, in turn; the last one again and again. */
let states: State[] = [];

const operation = ({ headers }: IncomingMessage) => String(headers['x-amz-target']).split('.')[1];

async function answer(request: IncomingMessage): Promise<unknown> {
  const body = JSON.parse(await text(request)) as Record<string, unknown>;
  if (operation(request) === 'ExecuteStatement') {
    sent.push(String(body['Sql']));
    expect(body).toMatchObject({ WorkgroupName: 'analytics', Database: 'dev', SecretArn: 'arn:s' });
    return { Id: 'statement-1' };
  }
  expect(operation(request)).toBe('DescribeStatement');
  return { Id: 'statement-1', ...(states.length > 1 ? states.shift() : states[0]) };
}

const server = await answerAsAws((request, response) => {
  void answer(request).then((body) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(body));
  });
});
const { handler } = await import('../src/handlers/warehouse-sql/index.mjs');

const statements = [
  ...setupStatements({
    user: '"IAMR:user-behaviour-redshift-load"',
    database: 'dev',
    glue_database: 'user_behaviour',
    spectrum_role_arn: 'arn:aws:iam::123456789012:role/spectrum',
  }),
];
const ResourceProperties = {
  workgroup: 'analytics',
  database: 'dev',
  secretArn: 'arn:s',
  statements,
};

beforeEach(() => {
  sent.length = 0;
});
afterAll(() => {
  server.close();
  vi.unstubAllEnvs();
});

describe('the set-up of the warehouse', () => {
  it('runs each statement to its end, in order', async () => {
    states = [{ Status: 'STARTED' }, { Status: 'FINISHED' }];
    const result = await handler({ RequestType: 'Create', ResourceProperties });
    expect(result).toEqual({ PhysicalResourceId: 'analytics/dev' });
    expect(sent).toEqual(statements);
  });

  it('makes the job’s user the owner of the external schema', () => {
    const user = `"IAMR:${jobRoleName('redshift-load')}"`;
    expect(statements.map((sql) => sql.replaceAll(/\s+/g, ' '))).toEqual([
      `create user ${user} password disable`,
      `grant create, temporary on database dev to ${user}`,
      `grant usage, create on schema public to ${user}`,
      "create external schema if not exists spectrum from data catalog database 'user_behaviour' " +
        "iam_role 'arn:aws:iam::123456789012:role/spectrum'",
      `alter schema spectrum owner to ${user}`,
    ]);
  });

  it('can run again: the user is there already', async () => {
    const Error = 'ERROR: user "IAMR:user-behaviour-redshift-load" already exists';
    states = [{ Status: 'FAILED', Error }, { Status: 'FINISHED' }];
    await handler({ RequestType: 'Update', ResourceProperties });
    expect(sent).toHaveLength(statements.length);
  });

  it.each(['FAILED', 'ABORTED'])('fails with the statement if it ends as %s', async (Status) => {
    states = [{ Status: 'FINISHED' }, { Status, Error: 'ERROR: permission denied' }];
    await expect(handler({ RequestType: 'Create', ResourceProperties })).rejects.toThrow(
      /^grant create, temporary on database dev to .*: (FAILED|ABORTED) ERROR: permission denied$/,
    );
    expect(sent).toHaveLength(2);
  });

  it('does not take another object that exists for done', async () => {
    states = [{ Status: 'FINISHED' }, { Status: 'FAILED', Error: 'schema already exists' }];
    await expect(handler({ RequestType: 'Create', ResourceProperties })).rejects.toThrow();
  });

  it('undoes nothing on delete', async () => {
    expect(await handler({ RequestType: 'Delete', ResourceProperties })).toEqual({
      PhysicalResourceId: 'analytics/dev',
    });
    expect(sent).toEqual([]);
  });
});
