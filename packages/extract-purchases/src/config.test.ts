import { type Environment, readConfiguration } from '@user-behaviour/shared/runner/config';
import { Failure } from '@user-behaviour/shared/failure';
import { validate } from '@user-behaviour/source/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { variables } from './config.ts';

const read = (environment: Environment) => readConfiguration(variables, environment, validate);
const complete = {
  PIPELINE_BUCKET: 'stages',
  AWS_REGION: 'eu-west-1',
  SOURCE_DATABASE_URL: 'postgres://reader:pw@localhost:5432/shop',
};

function problemsOf(environment: Environment): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof Failure && error.exit === 78) return error.message.split('; ');
    throw error;
  }
  return [];
}

describe('the configuration of extract-purchases', () => {
  it('has defaults for optional variables', () => {
    expect(read(complete)).toEqual({
      ...complete,
      SOCKET_TIMEOUT: 60_000,
      SOURCE_STATEMENT_TIMEOUT: 1_800_000,
      SOURCE_CONNECTIONS: 2,
      OUTPUT_FILE_SIZE: 1024 ** 3,
      MIN_QUANTITY: 2,
      OUTPUT_FORMAT: 'csv',
      BAD_PURCHASES: 'refuse',
      MAX_REJECTED_PURCHASES: 0.01,
    });
  });

  it('reports all missing variables at once', () => {
    expect(problemsOf({})).toEqual([
      'PIPELINE_BUCKET is missing (bucket that holds the stages)',
      'AWS_REGION is missing (region of all services)',
      'SOURCE_DATABASE_URL is missing (or SOURCE_DATABASE_SECRET_ARN)',
    ]);
  });

  it('reports all invalid variables at once, each of them once', () => {
    expect(
      problemsOf({
        PIPELINE_BUCKET: '..',
        AWS_REGION: 'EU West',
        AWS_ENDPOINT_URL_S3: 'localhost',
        SOURCE_DATABASE_URL: 'mysql://reader:hunter2@h/d',
        SOURCE_STATEMENT_TIMEOUT: 'soon',
        MIN_QUANTITY: '2.5',
      }),
    ).toEqual([
      'PIPELINE_BUCKET is wrong: expected a bucket name: 3 to 63 of a-z, 0-9 and -',
      'AWS_REGION is wrong: expected a region such as eu-west-1',
      'AWS_ENDPOINT_URL_S3 is wrong: expected an http(s) URL',
      'SOURCE_DATABASE_URL is wrong: expected postgres://user:password@host:port/database',
      'SOURCE_STATEMENT_TIMEOUT is wrong: expected a time such as 90s, 30m, 2h or 1d, from 1s to 24h',
      'MIN_QUANTITY is wrong: expected a whole number',
    ]);
  });

  it('accepts the source as a URL or as a secret, not as both', () => {
    const { SOURCE_DATABASE_URL: url, ...rest } = complete;
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop';
    expect(read({ ...rest, SOURCE_DATABASE_SECRET_ARN: arn })).toMatchObject({
      SOURCE_DATABASE_SECRET_ARN: arn,
    });
    expect(
      problemsOf({ ...rest, SOURCE_DATABASE_URL: url, SOURCE_DATABASE_SECRET_ARN: arn }),
    ).toEqual(['SOURCE_DATABASE_URL and SOURCE_DATABASE_SECRET_ARN are mutually exclusive']);
    expect(problemsOf({ ...rest, SOURCE_DATABASE_SECRET_ARN: 'shop' })).toEqual([
      'SOURCE_DATABASE_SECRET_ARN is wrong: expected the ARN of a secret',
    ]);
  });

  it.each([
    ['-1', -1],
    ['0', 0],
    ['007', 7],
  ])('reads MIN_QUANTITY=%s as %d', (text, quantity) => {
    expect(read({ ...complete, MIN_QUANTITY: text }).MIN_QUANTITY).toBe(quantity);
  });

  it.each(['2; drop table x', '1e3', '0x10', ' 2', '9999999999', '١'])(
    'rejects MIN_QUANTITY=%j',
    (text) => {
      expect(problemsOf({ ...complete, MIN_QUANTITY: text })).toEqual([
        'MIN_QUANTITY is wrong: expected a whole number',
      ]);
    },
  );

  it.each([
    ['SOURCE_STATEMENT_TIMEOUT', '0s', 'from 1s to 24h'],
    ['SOURCE_STATEMENT_TIMEOUT', '25h', 'from 1s to 24h'],
    ['SOURCE_STATEMENT_TIMEOUT', '999999h', 'from 1s to 24h'],
    ['SOCKET_TIMEOUT', '999999h', 'from 1s to 15m'],
    ['OUTPUT_FILE_SIZE', '63MiB', 'from 64MiB to 32GiB'],
    ['OUTPUT_FILE_SIZE', '33GiB', 'from 64MiB to 32GiB'],
    ['OUTPUT_FILE_SIZE', '999999GiB', 'from 64MiB to 32GiB'],
    ['OUTPUT_FILE_SIZE', '1GB', 'from 64MiB to 32GiB'],
    ['MAX_REJECTED_PURCHASES', '2', 'a share from 0 to 1'],
    ['MAX_REJECTED_PURCHASES', 'few', 'a share from 0 to 1'],
    ['BAD_PURCHASES', 'ignore', '"refuse"|"quarantine"'],
  ])('rejects %s=%s and says its range', (name, value, range) => {
    const [problem, ...more] = problemsOf({ ...complete, [name]: value });
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`^${name} is wrong: .*expected`));
    expect(problem).toContain(range);
  });

  it('never shows the password, whatever is invalid around it', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z]{16}$/),
        fc.constantFrom('mysql://r:', 'postgres://r:%zz', 'r:', 'postgres://:'),
        (password, start) => {
          const problems = problemsOf({
            SOURCE_DATABASE_URL: `${start}${password}@h/d`,
            MIN_QUANTITY: password,
          });
          expect(problems.length).toBeGreaterThan(2);
          expect(problems.join()).not.toContain(password);
        },
      ),
    );
  });
});
