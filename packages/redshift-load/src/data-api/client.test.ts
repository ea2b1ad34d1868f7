import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '@user-behaviour/shared/failure';
import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { createLog } from '@user-behaviour/shared/runner/log';
import { apiError, type FakeDataApi, fakeDataApi } from '../../test/fake-data-api.ts';
import { variables } from '../config.ts';
import { DataApi } from './client.ts';
import { StatementError, type Submission } from './request.ts';

const configuration = (timeout = '2h') =>
  readConfiguration(variables, {
    PIPELINE_BUCKET: 'stages',
    AWS_REGION: 'eu-west-1',
    REDSHIFT_WORKGROUP: 'analytics',
    REDSHIFT_DATABASE: 'dev',
    SPECTRUM_ROLE_ARN: 'arn:aws:iam::123456789012:role/spectrum',
    REDSHIFT_STATEMENT_TIMEOUT: timeout,
  });

const logged: string[] = [];
const log = createLog('test', 'json', { write: (line) => logged.push(line) }, 'info');
const load = (name: string) => ({ name, kind: 'load' as const, sql: `select :ds -- ${name}` });
const batch: Submission = {
  name: 'redshift-load/2010-12-01/r1/load-1',
  statements: [load('lock'), load('insert_days')],
  parameters: { ds: '2010-12-01', unused: 'x' },
};
const single: Submission = { name: 'one', statements: [load('only')], parameters: { ds: 'd' } };

const at = (second: number) => new Date(1_700_000_000_000 + second * 1_000);
const ended = (Status: string, more: object = {}) => ({
  Id: 'id-1',
  Status,
  CreatedAt: at(10),
  UpdatedAt: at(11),
  ...more,
});
const failed = (error: string) =>
  ended('FAILED', { SubStatements: [{ Status: 'FINISHED' }, { Status: 'FAILED', Error: error }] });

/** Submissions are accepted; descriptions come from the list, the last one again and again. */
function describing(...answers: readonly (object | Error)[]): FakeDataApi {
  return fakeDataApi(({ name }, nth) => {
    if (name === 'CancelStatement') return { Status: true };
    if (name !== 'DescribeStatement') return { Id: 'id-1' };
    const next = answers[Math.min(nth, answers.length) - 1];
    if (next instanceof Error) throw next;
    return next;
  });
}

const apiOf = (fake: FakeDataApi, signal = new AbortController().signal, timeout?: string) =>
  new DataApi(configuration(timeout), signal, fake.client);
const tokens = (fake: FakeDataApi) =>
  fake.calls.flatMap(({ input }) => ('ClientToken' in input ? [input['ClientToken']] : []));

async function failureOf(run: Promise<unknown>): Promise<Failure | StatementError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Failure || error instanceof StatementError) return error;
  throw new Error('expected a failure', { cause: error });
}

beforeEach(() => {
  // No pause between two tries.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a submission', () => {
  it('of several statements is a batch in one transaction, with the parameters in use', async () => {
    const fake = describing(ended('FINISHED'));
    expect(await apiOf(fake).run(batch, log)).toBe('id-1');
    expect(fake.calls[0]).toMatchObject({
      name: 'BatchExecuteStatement',
      input: {
        WorkgroupName: 'analytics',
        Database: 'dev',
        StatementName: batch.name,
        ExecutionMode: 'TRANSACTION',
        Sqls: batch.statements.map(({ sql }) => sql),
        Parameters: [{ name: 'ds', value: '2010-12-01' }],
      },
    });
    expect(fake.calls[0]?.input).not.toHaveProperty('ClusterIdentifier');
  });

  it('of external DDL commits each statement', async () => {
    const fake = describing(ended('FINISHED'));
    await apiOf(fake).run({ ...batch, mode: 'AUTO_COMMIT' }, log);
    expect(fake.calls[0]?.input['ExecutionMode']).toBe('AUTO_COMMIT');
  });

  it('of one statement goes alone, without a list of parameters when it has none', async () => {
    const fake = describing(ended('FINISHED'));
    await apiOf(fake).run({ name: 'one', statements: [{ ...load('x'), sql: 'select 1' }] }, log);
    expect(fake.calls[0]).toMatchObject({ name: 'ExecuteStatement', input: { Sql: 'select 1' } });
    expect(fake.calls[0]?.input).not.toHaveProperty('Parameters');
  });

  it('to a missing target is a configuration error; any other rejected request is a bug', async () => {
    const refusing = (message: string) =>
      fakeDataApi(() => {
        throw apiError('ValidationException', 400, message);
      });
    const wrong = await failureOf(
      apiOf(refusing("Redshift endpoint doesn't exist in this region.")).run(batch, log),
    );
    expect(wrong).toMatchObject({ kind: 'configuration' });
    expect((wrong as Failure).action).toContain('REDSHIFT_WORKGROUP');
    const other = await failureOf(
      apiOf(refusing('Parameters list contains unused parameters')).run(batch, log),
    );
    expect(other).toMatchObject({ kind: 'bug' });
  });

  it('is not made after a stop', async () => {
    const stopped = AbortSignal.abort(new Failure('interrupted', 'stopped by SIGTERM'));
    const fake = describing(ended('FINISHED'));
    await expect(apiOf(fake, stopped).run(batch, log)).rejects.toMatchObject({
      kind: 'interrupted',
    });
    expect(fake.calls).toEqual([]);
  });
});

describe('a statement that ends while its submission waits', () => {
  const replying = (more: object) =>
    fakeDataApi(({ name }) =>
      name === 'DescribeStatement' ? ended('FINISHED') : { Id: 'id-1', CreatedAt: at(10), ...more },
    );

  it('needs no further call if it has finished', async () => {
    const fake = replying({ Status: 'FINISHED' });
    expect(await apiOf(fake).run(batch, log)).toBe('id-1');
    expect(fake.calls.map(({ name }) => name)).toEqual(['BatchExecuteStatement']);
  });

  it.each(['SUBMITTED', 'STARTED', 'FAILED', 'ABORTED', 'SOMETHING', undefined])(
    'is described if it is %s',
    async (Status) => {
      const fake = replying({ Status });
      expect(await apiOf(fake).run(batch, log)).toBe('id-1');
      expect(fake.named('DescribeStatement')).toHaveLength(1);
    },
  );

  it('is described if an earlier process began it, because it may have ended before this process began', async () => {
    const fake = fakeDataApi(({ name }, nth) => {
      if (name === 'ExecuteStatement') return { Id: 'q', Status: 'FINISHED', CreatedAt: at(100) };
      if (name === 'DescribeStatement') return ended('FINISHED', { CreatedAt: at(1) });
      return { Id: 'id-1', Status: 'FINISHED', CreatedAt: at(nth === 1 ? 1 : 101) };
    });
    const api = apiOf(fake);
    await api.run({ ...single, reads: true }, log);
    expect(await api.run(batch, log)).toBe('id-1');
    expect(fake.named('BatchExecuteStatement')).toHaveLength(2);
    expect(fake.named('DescribeStatement')).toHaveLength(1);
  });
});

describe('the token', () => {
  it('is the same for the same work in another process, and is valid for the API', async () => {
    const [one, two] = [describing(ended('FINISHED')), describing(ended('FINISHED'))];
    await apiOf(one).run(batch, log);
    await apiOf(two).run(batch, log);
    expect(tokens(one)).toEqual(tokens(two));
    expect(String(tokens(one)[0])).toMatch(/^[0-9a-f]{64}$/);
  });

  it('differs by name, text and parameters', async () => {
    const others: readonly Submission[] = [
      batch,
      { ...batch, name: 'redshift-load/2010-12-01/r2/load-1' },
      { ...batch, statements: [load('lock'), load('insert_other')] },
      { ...batch, parameters: { ds: '2010-12-02' } },
    ];
    const fake = describing(ended('FINISHED'));
    const api = apiOf(fake);
    for (const submission of others) await api.run(submission, log);
    expect(new Set(tokens(fake)).size).toBe(others.length);
  });

  it('of a query is new each time, because an earlier result may be out of date', async () => {
    const fake = describing(ended('FINISHED'));
    const api = apiOf(fake);
    await api.run({ ...single, reads: true }, log);
    await api.run({ ...single, reads: true }, log);
    expect(new Set(tokens(fake)).size).toBe(2);
  });
});

describe('a statement of an earlier process', () => {
  const read = { ...single, reads: true };
  const fresh = ended('FINISHED', { CreatedAt: at(100), UpdatedAt: at(101) });

  it('is made again under another token if it ended before this process began', async () => {
    const stale = ended('FAILED', { CreatedAt: at(1), UpdatedAt: at(2), Error: 'audit' });
    const again = ended('FINISHED', { CreatedAt: at(102), UpdatedAt: at(103) });
    const fake = describing(fresh, stale, again);
    const api = apiOf(fake);
    await api.run(read, log);
    await api.run(batch, log);
    expect(fake.named('BatchExecuteStatement')).toHaveLength(2);
    expect(new Set(tokens(fake)).size).toBe(3);
  });

  it('is waited for instead of made twice if it was still running', async () => {
    const adopted = ended('FINISHED', { CreatedAt: at(1), UpdatedAt: at(110) });
    const fake = describing(fresh, { ...adopted, Status: 'STARTED' }, adopted);
    const api = apiOf(fake);
    await api.run(read, log);
    await api.run(batch, log);
    expect(fake.named('BatchExecuteStatement')).toHaveLength(1);
  });

  it('does not use up the attempts for a conflict', async () => {
    const stale = ended('FINISHED', { CreatedAt: at(1), UpdatedAt: at(2) });
    const conflict = { ...failed('ERROR: 1023 DETAIL: x'), UpdatedAt: at(120) };
    const fake = describing(fresh, ...Array.from({ length: 9 }, () => stale), conflict);
    const api = apiOf(fake);
    await api.run(read, log);
    expect(await failureOf(api.run(batch, log))).toMatchObject({ kind: 'transient' });
    expect(fake.named('BatchExecuteStatement')).toHaveLength(9 + 8);
  });
});

describe('a conflict', () => {
  it('is tried again as a whole, under another token', async () => {
    const fake = describing(failed('ERROR: 1023 DETAIL: Serializable'), ended('FINISHED'));
    expect(await apiOf(fake).run(batch, log)).toBe('id-1');
    const [one, two, ...more] = fake.named('BatchExecuteStatement');
    expect(more).toEqual([]);
    expect(two?.input['Sqls']).toEqual(one?.input['Sqls']);
    expect(two?.input['ClientToken']).not.toBe(one?.input['ClientToken']);
    expect(logged.at(-1)).toContain('conflicts with another transaction');
  });

  it('is told by the real text, of which less is shown', async () => {
    const said = 'Table "a" (1): serializable isolation violation (2)';
    const fake = describing(failed(said), ended('FINISHED'));
    await apiOf(fake).run(batch, log);
    expect(logged.at(-1)).toContain('conflicts with another transaction');
    expect(logged.at(-1)).not.toContain('violation');
  });

  it('is given up as transient after eight attempts', async () => {
    const fake = describing(failed('conflict with concurrent transaction'));
    const failure = await failureOf(apiOf(fake).run(batch, log));
    expect(failure).toMatchObject({ kind: 'transient' });
    expect(failure.message).toContain('given up after 8 attempts');
    expect(fake.named('BatchExecuteStatement')).toHaveLength(8);
  });

  it('includes a cancellation from outside', async () => {
    const fake = describing(ended('ABORTED'), ended('FINISHED'));
    expect(await apiOf(fake).run(batch, log)).toBe('id-1');
    expect(logged.at(-1)).toContain('was cancelled from outside');
  });
});

describe('a transient error', () => {
  const texts = ['Spectrum Scan Error: Retries exceeded', 'connection lost', 'something new'];

  it.each(texts)('is tried again as a whole, under another token: %s', async (text) => {
    const fake = describing(failed(text), ended('FINISHED'));
    expect(await apiOf(fake).run(batch, log)).toBe('id-1');
    expect(new Set(tokens(fake)).size).toBe(2);
    expect(logged.at(-1)).toContain(`insert_days: ${text}; trying again`);
  });

  it.each(texts)('is given up after four attempts, with its text: %s', async (text) => {
    const fake = describing(failed(text));
    const failure = await failureOf(apiOf(fake).run(batch, log));
    expect(failure).toMatchObject({ kind: 'transient', exit: 75 });
    expect(failure.message).toContain(`given up after 4 attempts: insert_days: ${text}`);
    expect(fake.named('BatchExecuteStatement')).toHaveLength(4);
  });
});

describe('a refused submission', () => {
  const refusing = (times: number, error: Error) =>
    fakeDataApi(({ name }, nth) => {
      if (name === 'BatchExecuteStatement' && nth <= times) throw error;
      return name === 'DescribeStatement' ? ended('FINISHED') : { Id: 'id-1', CreatedAt: at(10) };
    });

  it.each([
    apiError('ActiveSessionsExceededException', 400),
    apiError('ActiveStatementsExceededException', 400),
    apiError('ThrottlingException', 400),
    apiError('ValidationException', 400, 'Workgroup is not in available state'),
    apiError('ValidationException', 400, 'The cluster analytics is paused'),
    apiError('ResourceNotFoundException', 404, 'cluster analytics is resizing'),
  ])(
    'that passes is repeated with the same token, and given up as transient: %s',
    async (error) => {
      const fake = refusing(2, error);
      expect(await apiOf(fake).run(batch, log)).toBe('id-1');
      expect(fake.named('BatchExecuteStatement')).toHaveLength(3);
      expect(new Set(tokens(fake)).size).toBe(1);
      const failure = await failureOf(apiOf(refusing(Infinity, error)).run(batch, log));
      expect(failure).toMatchObject({ kind: 'transient', exit: 75 });
      expect(failure.message).toContain(error.message);
    },
  );

  it('whose reply was lost is left to the retries of the SDK', async () => {
    const lost = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    const fake = refusing(1, lost);
    expect(await failureOf(apiOf(fake).run(batch, log))).toMatchObject({ kind: 'transient' });
    expect(fake.named('BatchExecuteStatement')).toHaveLength(1);
  });
});

describe('a failed statement', () => {
  it('is an error that names it and keeps no row value', async () => {
    const fake = describing(failed("ERROR: Invalid digit, Value 's', Pos 0"));
    const error = await failureOf(apiOf(fake).run(batch, log));
    expect(error).toBeInstanceOf(StatementError);
    expect((error as StatementError).statement?.name).toBe('insert_days');
    expect(error.message).toBe("ERROR: Invalid digit, Value '…', Pos 0");
    expect(fake.named('BatchExecuteStatement')).toHaveLength(1);
  });

  it.each([
    ['permission denied for schema spectrum', /^grant the job's database user/],
    [
      'Spectrum Scan Error. Detail: Access Denied (Service: Amazon S3; Status Code: 403)',
      /SPECTRUM_ROLE_ARN/,
    ],
    ['not authorized to perform: glue:GetTable on resource: arn:aws:glue', /SPECTRUM_ROLE_ARN/],
    ['Not authorized to get credentials of role (sts:AssumeRole)', /SPECTRUM_ROLE_ARN/],
  ])('that lacks a permission is a configuration error: %s', async (said, action) => {
    const fake = describing(failed(`ERROR: ${said}`));
    const error = await failureOf(apiOf(fake).run(batch, log));
    expect(error).toMatchObject({ kind: 'configuration' });
    expect(error.message).toContain(`insert_days: ERROR: ${said}`);
    expect((error as Failure).action).toMatch(action);
  });
});

it('a failed statement is judged by its real text, of which less is shown', async () => {
  const fake = describing(failed('Cannot access "s3://b/k": Access Denied (403)'));
  const error = await failureOf(apiOf(fake).run(batch, log));
  expect(error).toMatchObject({ kind: 'configuration' });
  expect(error.message).toBe('insert_days: Cannot access "…"');
});

describe('the wait for the end', () => {
  it.each([
    apiError('ThrottlingException', 400),
    apiError('InternalServerException', 500),
    Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
  ])('survives a DescribeStatement that fails: %s', async (error) => {
    const fake = describing(error, { ...ended('STARTED') }, error, ended('FINISHED'));
    expect(await apiOf(fake).run(batch, log)).toBe('id-1');
    expect(fake.named('DescribeStatement')).toHaveLength(4);
    expect(fake.named('CancelStatement')).toEqual([]);
  });

  it('is ended by a DescribeStatement that can never succeed, and the statement is cancelled', async () => {
    const fake = describing(apiError('AccessDeniedException', 403));
    expect(await failureOf(apiOf(fake).run(batch, log))).toMatchObject({ kind: 'configuration' });
    expect(fake.named('CancelStatement')).toMatchObject([{ input: { Id: 'id-1' } }]);
  });

  it('is ended by a stop, which cancels the statement', async () => {
    const stopping = new AbortController();
    const fake = fakeDataApi(({ name }) => {
      if (name === 'DescribeStatement') stopping.abort(new Failure('interrupted', 'stopped'));
      return name === 'DescribeStatement' ? ended('STARTED') : { Id: 'id-1' };
    });
    await expect(apiOf(fake, stopping.signal).run(batch, log)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(fake.calls.map(({ name }) => name)).toEqual([
      'BatchExecuteStatement',
      'DescribeStatement',
      'CancelStatement',
    ]);
  });

  it('is ended by the deadline, which cancels the statement', async () => {
    const fake = describing(ended('STARTED'));
    const failure = await failureOf(apiOf(fake, undefined, '1s').run(batch, log));
    expect(failure).toMatchObject({ kind: 'transient' });
    expect(failure.message).toContain('did not end within 1 s and was cancelled');
    expect((failure as Failure).action).toContain('raise REDSHIFT_STATEMENT_TIMEOUT');
    expect(fake.named('CancelStatement')).toHaveLength(1);
  });

  it('does not fail if the cancellation comes too late', async () => {
    const fake = fakeDataApi(({ name }) => {
      if (name === 'CancelStatement') throw apiError('ValidationException', 400, 'FINISHED state');
      return name === 'DescribeStatement' ? ended('STARTED') : { Id: 'id-1' };
    });
    const failure = await failureOf(apiOf(fake, undefined, '1s').run(batch, log));
    expect(failure.message).toContain('did not end within 1 s');
  });
});

describe("another run's statement", () => {
  const awaited = (fake: FakeDataApi, signal?: AbortSignal) =>
    apiOf(fake, signal, '1s').awaitOther('other', 'redshift-load/2010-12-01/r2/load-1');

  it.each(['FINISHED', 'FAILED', 'ABORTED'])('is waited for until it is %s', async (end) => {
    const fake = describing(apiError('ThrottlingException', 400), ended('STARTED'), ended(end));
    await awaited(fake);
    expect(fake.calls.map(({ name }) => name)).toEqual(Array(3).fill('DescribeStatement'));
  });

  it('is cancelled at the deadline with a transient failure', async () => {
    const fake = describing(ended('STARTED'));
    expect(await failureOf(awaited(fake))).toMatchObject({ kind: 'transient' });
    expect(fake.named('CancelStatement')).toMatchObject([{ input: { Id: 'other' } }]);
  });

  it('keeps running after a stop, and after a DescribeStatement that is denied', async () => {
    const refused = describing(apiError('AccessDeniedException', 403));
    expect(await failureOf(awaited(refused))).toMatchObject({ kind: 'configuration' });
    const stopped = AbortSignal.abort(new Failure('interrupted', 'stopped by SIGTERM'));
    const live = describing(ended('STARTED'));
    await expect(awaited(live, stopped)).rejects.toMatchObject({ kind: 'interrupted' });
    for (const fake of [refused, live]) expect(fake.named('CancelStatement')).toEqual([]);
  });

  it('is listed with all others that have the prefix, page by page, in every state', async () => {
    const fake = fakeDataApi((_, nth) => ({
      Statements: [{ Id: `s${String(nth)}`, Status: 'STARTED' }],
      NextToken: nth === 1 ? 'more' : '',
    }));
    const found = await apiOf(fake).list('redshift-load/days/');
    expect(found.map(({ Id }) => Id)).toEqual(['s1', 's2']);
    const asked = {
      WorkgroupName: 'analytics',
      Database: 'dev',
      StatementName: 'redshift-load/days/',
      Status: 'ALL',
    };
    expect(fake.calls.map(({ input }) => input)).toEqual([asked, { ...asked, NextToken: 'more' }]);
  });
});

describe('a result', () => {
  it('is fetched page by page, with every value as text', async () => {
    const ColumnMetadata = [{ name: 'n' }, { name: 's' }, { name: 'b' }];
    const fake = fakeDataApi(({ input }) =>
      input['NextToken'] === undefined
        ? {
            ColumnMetadata,
            Records: [[{ longValue: 1 }, { stringValue: '' }, { booleanValue: false }]],
            NextToken: 'more',
          }
        : {
            ColumnMetadata,
            Records: [[{ doubleValue: 1.5 }, { isNull: true }, { booleanValue: true }]],
            NextToken: '',
          },
    );
    expect(await apiOf(fake).rows('id-1', 16)).toEqual([
      { n: '1', s: '', b: 'false' },
      { n: '1.5', s: undefined, b: 'true' },
    ]);
    expect(fake.calls.map(({ input }) => input)).toEqual([
      { Id: 'id-1:17' },
      { Id: 'id-1:17', NextToken: 'more' },
    ]);
  });

  it('of a single statement is fetched by its id', async () => {
    const fake = fakeDataApi(() => ({ ColumnMetadata: [], Records: [] }));
    expect(await apiOf(fake).rows('id-1')).toEqual([]);
    expect(fake.calls[0]?.input).toEqual({ Id: 'id-1' });
  });

  it('keeps the columns of a table in order, and repeated names apart', async () => {
    const fake = fakeDataApi(({ name }) =>
      name === 'GetStatementResult'
        ? {
            ColumnMetadata: [{ name: 'n', typeName: 'int4' }, { name: 'n' }],
            Records: [[{ longValue: 1 }, { isNull: true }]],
          }
        : { Id: 'id-1', CreatedAt: at(10), Status: 'FINISHED', HasResultSet: true },
    );
    expect(await apiOf(fake).table(single)).toEqual({
      columns: ['n', 'n'],
      types: ['int4', ''],
      rows: [['1', undefined]],
    });
  });

  it('is an empty table for a statement that returns nothing, without a fetch', async () => {
    const fake = describing(ended('FINISHED', { HasResultSet: false }));
    expect(await apiOf(fake).table(single)).toEqual({ columns: [], types: [], rows: [] });
    expect(fake.named('GetStatementResult')).toEqual([]);
  });

  it.each([
    [ended('FAILED', { Error: 'ERROR: 1023 DETAIL: Serializable' }), 'ERROR: 1023'],
    [ended('ABORTED'), 'it was cancelled'],
  ])('is asked for once, whatever the statement ended with', async (end, message) => {
    const fake = describing(end);
    const error = await failureOf(apiOf(fake).table(single));
    expect(error).toBeInstanceOf(StatementError);
    expect(error.message).toContain(message);
    expect(fake.named('ExecuteStatement')).toHaveLength(1);
  });
});
