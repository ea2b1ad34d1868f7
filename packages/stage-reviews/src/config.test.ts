import { describe, expect, it } from 'vitest';
import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { variables } from './config.ts';

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
