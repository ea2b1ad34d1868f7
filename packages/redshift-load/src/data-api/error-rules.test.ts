import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isConflict, ruleOf } from './error-rules.ts';

const conflicts = [
  'ERROR: 1023\n  Detail: Serializable isolation violation on table in Redshift',
  'ERROR: 1023 DETAIL: x',
  'Serializable isolation violation on table - 108263, transactions forming the cycle are: 1, 2',
  'ERROR: could not complete because of conflict with concurrent transaction',
  'ERROR: 1018 DETAIL: Relation does not exist.',
  'ERROR: deadlock detected\n  Detail: Process 1 waits for AccessExclusiveLock on relation 2 of database 3',
];

const transient = [
  'Spectrum Scan Error: Retries exceeded',
  'Spectrum Scan Error: Access throttled',
  'Spectrum Scan Error: Resource limit exceeded',
  'ERROR: Spectrum Scan Error code: 15001 context: HTTP response error code: 416 Message: InvalidRange The requested range is not satisfiable',
  'S3 Query Exception: connection failed, retries exceeded. code: 15005',
  'ERROR: S3 Query Exception (Fetch) code: 15001 context: Task failed due to an internal error. query: 12',
  'ERROR: S3 Query Exception (Fetch) code: 15005 context: Task failed due to an internal error.',
  'S3ServiceException: Please reduce your request rate., Status 503, Error SlowDown',
  'S3 Query Exception (Fetch). Task failed due to an internal error. Error message: null',
  'Spectrum Scan Error code: 15001 context: Could not open object: NullPointerException: null',
  'S3ServiceException: invalid token, The provided token has expired.,Status 400,Error ExpiredToken',
  'S3ServiceException: The AWS Access Key Id you provided does not exist in our records.',
  'S3ServiceException: The specified key does not exist.,Status 404,Error NoSuchKey',
  'Spectrum Scan Error: HTTP response error code: 503 Message: invalid response',
  'ERROR: relation with OID 123456 does not exist',
  'ERROR: session not found',
  'ERROR: cursor "c" does not exist',
  'ERROR: the cluster does not have enough free disk space',
  'connection lost',
  'SSL SYSCALL error: EOF detected',
  'server closed the connection unexpectedly',
  'could not receive data from client: Connection reset by peer',
  'terminating connection due to administrator command',
  'ERROR: Disk Full\n  Detail: error: Disk Full code: 1016 context: node: 0',
  'ERROR: could not extend relation: No space left on device',
  'ERROR: out of memory',
  'FATAL: too many connections for role "x"',
  'ERROR: system requested abort query',
  "ERROR: Query (1) cancelled on user's request",
  'ERROR: Query cancelled by WLM abort action of Query Monitoring Rule "long"',
  'ERROR: canceling statement due to statement timeout; it was canceled',
  'ERROR: Query execution was aborted because the cluster is restarting',
  'FATAL: the database system is starting up',
  'ERROR: cannot execute INSERT in a read-only transaction',
  'ERROR: cluster is being resized',
  'ERROR: workgroup is not in available state',
  'it was cancelled from outside',
  'ERROR: Assert\n  Detail: code: 1000 context: tid < ctx->max',
  'a text that nobody has seen yet',
];

const configuration = [
  ['permission denied for schema spectrum', /^grant the job's database user/],
  ['ERROR: must be owner of relation user_purchase_staging', /owner of schema spectrum/],
  ['ERROR: must be owner of schema spectrum', /owner of schema spectrum/],
  ['ERROR: permission denied for relation user_behavior_metric', /^grant the job's database user/],
  ['Spectrum Scan Error. Detail: Access Denied (Service: Amazon S3; Status Code: 403)', /ROLE_ARN/],
  ['Spectrum Scan Error code: 15001 context: Forbidden: HTTP response error code: 403', /ROLE_ARN/],
  ['not authorized to perform: glue:GetTable on resource: arn:aws:glue', /ROLE_ARN/],
  ['ERROR: User is not authorized to assume IAM Role', /ROLE_ARN/],
  ['Not authorized to get credentials of role (sts:AssumeRole)', /ROLE_ARN/],
  ['FATAL: database "nowhere" does not exist', /REDSHIFT_DATABASE/],
  ['FATAL: password authentication failed for user "x"', /REDSHIFT_SECRET_ARN/],
] as const;

const data = [
  'ERROR: column "minimum" of relation "user_behavior_metric" does not exist',
  'ERROR: relation "t1023" does not exist',
  'ERROR: relation "connection_timeout" does not exist',
  'ERROR: syntax error at or near "cancelled"',
  'ERROR: Invalid digit, code: 1207 query: 1023 process: query0_1 [pid=1018]',
  "ERROR: Invalid digit, Value 'p', Pos 0, Type: Integer",
  'ERROR: Overflow, code: 1058 context: … query: 5',
  'ERROR: date/time field value out of range',
  'ERROR: value too long for type character varying(20)',
  'ERROR: S3 Query Exception (Fetch) code: 15001 context: Task failed due to an internal error. File x has an incompatible Parquet schema for column y',
  'ERROR: Cannot insert a NULL value into column customerid',
  'ERROR: column "x" contains null values',
  'ERROR: column x must not be null',
  'Missing data for not-null field',
  'duplicate key: Key (country)=(connection lost) already exists.',
  'null value in column "x": Failing row contains (killed, timed out).',
  'ERROR: Overflow, code: 1058 context: forbidden query: 5',
  'ERROR: division by zero',
  'ERROR: function sum(boolean) does not exist',
];

describe('an error of a statement', () => {
  it.each(conflicts)('is a conflict: %s', (error) => {
    expect(ruleOf(error).kind).toBe('transient');
    expect(isConflict(error)).toBe(true);
  });

  it.each(transient)('passes: %s', (error) => {
    expect(ruleOf(error).kind).toBe('transient');
    expect(isConflict(error)).toBe(false);
  });

  it.each(configuration)('is a wrong setting or a missing right: %s', (error, action) => {
    expect(ruleOf(error).kind).toBe('configuration');
    expect(ruleOf(error).action).toMatch(action);
  });

  it.each(data)('stays, whatever is rerun: %s', (error) => {
    expect(ruleOf(error).kind).toBe('data');
  });

  it('is never judged by the names and values that it quotes', () => {
    const quoted = fc
      .constantFrom(...conflicts, ...transient, ...data)
      .map((text) => text.replaceAll(/['"]/g, ''));
    fc.assert(
      fc.property(quoted, (text) => {
        expect(ruleOf(`ERROR: column "${text}" does not exist`).kind).toBe('data');
        expect(ruleOf(`ERROR: Disk Full '${text}'`).kind).toBe('transient');
      }),
    );
  });

  it('of a scan that gave up advises smaller files', () => {
    expect(ruleOf('Spectrum Scan Error: Retries exceeded').action).toContain('OUTPUT_FILE_SIZE');
  });
});
