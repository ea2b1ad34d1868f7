import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { failureOf } from '../../test/failing.ts';
import {
  baseVariables,
  describeVariables,
  emrEndpoint,
  readConfiguration,
  redshiftDataEndpoint,
  variable,
} from './config.ts';

const variables = {
  ...baseVariables,
  ...emrEndpoint,
  ...redshiftDataEndpoint,
  LIMIT: variable('how many', z.string().default('2').transform(Number)),
};
const complete = { PIPELINE_BUCKET: 'stages', AWS_REGION: 'eu-west-1' };

describe('configuration', () => {
  it('is parsed into the declared types, with defaults', () => {
    expect(readConfiguration(variables, { ...complete, UNRELATED: 'x' })).toEqual({
      ...complete,
      SOCKET_TIMEOUT: 60_000,
      LIMIT: 2,
    });
    expect(
      readConfiguration(variables, { ...complete, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566' }),
    ).toMatchObject({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566' });
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfiguration(variables, complete))).toBe(true);
  });

  it('treats an empty variable as missing', async () => {
    const failure = await failureOf(() =>
      readConfiguration(variables, { ...complete, PIPELINE_BUCKET: '', LIMIT: '' }),
    );
    expect(failure.message).toBe('PIPELINE_BUCKET is missing (bucket that holds the stages)');
    expect(readConfiguration(variables, { ...complete, LIMIT: '' }).LIMIT).toBe(2);
  });

  it('reports all errors at once', async () => {
    const failure = await failureOf(() =>
      readConfiguration(
        variables,
        { PIPELINE_BUCKET: 'Not A Bucket', AWS_ENDPOINT_URL_EMR: 'ftp://x' },
        () => ['A and B exclude each other'],
      ),
    );
    expect(failure.exit).toBe(78);
    expect(failure.message.split('; ')).toEqual([
      'PIPELINE_BUCKET is wrong: expected a bucket name: 3 to 63 of a-z, 0-9 and -',
      'AWS_REGION is missing (region of all services)',
      'AWS_ENDPOINT_URL_EMR is wrong: expected an http(s) URL',
      'A and B exclude each other',
    ]);
  });

  it('passes the names of the variables that did not parse to `validate`', async () => {
    let reported: readonly string[] = [];
    await failureOf(() =>
      readConfiguration(
        variables,
        { PIPELINE_BUCKET: 'Not A Bucket', AWS_REGION: 'eu-west-1' },
        (configuration, wrong) => {
          expect(configuration).toEqual({
            AWS_REGION: 'eu-west-1',
            SOCKET_TIMEOUT: 60_000,
            LIMIT: 2,
          });
          reported = [...wrong];
          return [];
        },
      ),
    );
    expect(reported).toEqual(['PIPELINE_BUCKET']);
  });

  it.each(['0s', '16m', '999999h', '-1s', '1e3s', '60'])(
    'refuses SOCKET_TIMEOUT=%s and says its range',
    async (SOCKET_TIMEOUT) => {
      const failure = await failureOf(() =>
        readConfiguration(variables, { ...complete, SOCKET_TIMEOUT }),
      );
      expect(failure.exit).toBe(78);
      expect(failure.message).toMatch(/^SOCKET_TIMEOUT is wrong: expected .*, from 1s to 15m$/);
    },
  );

  it('never puts a value, which may be a secret, into a message', () => {
    const secret = fc
      .string({ minLength: 12, unit: 'grapheme-ascii' })
      .map((text) => `!${text.replaceAll(/\s/g, '_')}`);
    fc.assert(
      fc.property(secret, (value) => {
        const environment = Object.fromEntries(Object.keys(variables).map((name) => [name, value]));
        let message = '';
        try {
          readConfiguration(variables, environment);
        } catch (error) {
          message = String(error);
        }
        expect(message).toContain('PIPELINE_BUCKET is wrong');
        expect(message).not.toContain(value);
      }),
    );
  });

  it.each(['ab', 'a.b.c', 'Abc', '-abc', 'abc-', 'a'.repeat(64), '../abc'])(
    'rejects %j as a bucket',
    async (PIPELINE_BUCKET) => {
      const failure = await failureOf(() =>
        readConfiguration(variables, { ...complete, PIPELINE_BUCKET }),
      );
      expect(failure.message).toContain('expected a bucket name');
    },
  );
});

describe('the table of variables', () => {
  it('describes each variable with its default or whether it is required', () => {
    expect(describeVariables(variables)).toMatchInlineSnapshot(`
      "Environment variables:
        PIPELINE_BUCKET                 bucket that holds the stages [required]
        AWS_REGION                      region of all services [required]
        AWS_ENDPOINT_URL_S3             endpoint of S3; omit to use AWS
        SOCKET_TIMEOUT                  idle timeout for AWS requests before they are retried [default: 60s]
        AWS_ENDPOINT_URL_EMR            endpoint of EMR; omit to use AWS
        AWS_ENDPOINT_URL_REDSHIFT_DATA  endpoint of the Redshift Data API; omit to use AWS
        LIMIT                           how many [default: 2]"
    `);
  });
});
