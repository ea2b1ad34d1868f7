import { describe, expect, it } from 'vitest';
import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { validate, variables } from './config.ts';

const source = (REVIEWS_SOURCE: string | undefined) =>
  readConfiguration(variables, {
    PIPELINE_BUCKET: 'stages',
    AWS_REGION: 'eu-west-1',
    REVIEWS_SOURCE,
  }).REVIEWS_SOURCE;

describe('REVIEWS_SOURCE', () => {
  it.each([
    '/data/movie_review.csv',
    'reviews/{ds}.csv',
    './a file.csv',
    'C:/reviews.csv',
    's3://vendor-data/reviews/{ds}/movie.csv',
    's3://vendor.example.com/r.csv',
  ])('can be %s', (text) => {
    expect(source(text)).toBe(text);
  });

  it.each([
    'http://vendor/r.csv',
    'S3://vendor-data/r.csv',
    's3://vendor-data',
    's3://vendor-data/',
    's3:///r.csv',
    's3://{ds}/r.csv',
  ])('cannot be %s', (text) => {
    expect(() => source(text)).toThrow(
      'REVIEWS_SOURCE is wrong: expected a path or s3://bucket/key',
    );
  });

  it('is reported together with all other missing variables', () => {
    expect(() => readConfiguration(variables, {})).toThrow(
      /PIPELINE_BUCKET is missing .*AWS_REGION is missing .*REVIEWS_SOURCE is missing/,
    );
    expect(() => source('')).toThrow('REVIEWS_SOURCE is missing');
  });
});

describe('REVIEWS_READY and REVIEWS_SETTLE', () => {
  const read = (more: Readonly<Record<string, string>>) =>
    readConfiguration(
      variables,
      {
        PIPELINE_BUCKET: 'stages',
        AWS_REGION: 'eu-west-1',
        REVIEWS_SOURCE: '/in/{ds}.csv',
        ...more,
      },
      validate,
    );

  it('are no marker and one second by default', () => {
    expect(read({})).toMatchObject({ REVIEWS_SETTLE: 1_000 });
    expect(read({}).REVIEWS_READY).toBeUndefined();
    expect(read({ REVIEWS_SETTLE: '2m', REVIEWS_READY: 's3://vendor/{ds}.done' })).toMatchObject({
      REVIEWS_SETTLE: 120_000,
      REVIEWS_READY: 's3://vendor/{ds}.done',
    });
    expect(read({ REVIEWS_SETTLE: '0s' })).toMatchObject({ REVIEWS_SETTLE: 0 });
  });

  it.each([
    [{ REVIEWS_SETTLE: 'soon' }, 'REVIEWS_SETTLE is wrong: expected a time such as'],
    [{ REVIEWS_READY: 'http://x/y' }, 'REVIEWS_READY is wrong: expected a path'],
    [{ REVIEWS_READY: '/in/done' }, 'REVIEWS_READY needs {ds}, because REVIEWS_SOURCE has it'],
  ])('cannot be %j', (more, message) => {
    expect(() => read(more)).toThrow(message);
  });

  it('may name one marker for one file', () => {
    const one = { REVIEWS_SOURCE: '/in/r.csv', REVIEWS_READY: '/in/done' };
    expect(read(one)).toMatchObject(one);
  });
});

describe('MAX_LINE_SIZE', () => {
  const read = (MAX_LINE_SIZE: string | undefined) =>
    readConfiguration(variables, {
      PIPELINE_BUCKET: 'stages',
      AWS_REGION: 'eu-west-1',
      REVIEWS_SOURCE: '/in/r.csv',
      MAX_LINE_SIZE,
    }).MAX_LINE_SIZE;

  it('is a size, in bytes', () => {
    expect(read(undefined)).toBe(1_048_576);
    expect([read('1KiB'), read('4MiB')]).toEqual([1_024, 4_194_304]);
  });

  it.each(['1023', '0KiB', '5MiB', '1GiB', '1MB', '1.5MiB'])('cannot be %s', (text) => {
    expect(() => read(text)).toThrow(
      'MAX_LINE_SIZE is wrong: expected a size such as 1MiB, from 1KiB to 4MiB',
    );
  });
});
