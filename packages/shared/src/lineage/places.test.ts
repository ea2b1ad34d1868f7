import { cwd } from 'node:process';
import { describe, expect, it } from 'vitest';
import { placeOf } from './places.ts';

const aws = {
  AWS_REGION: 'eu-west-1',
  PIPELINE_BUCKET: 'stages',
  REDSHIFT_DATABASE: 'dev',
  REDSHIFT_WORKGROUP: 'analysts',
  SPECTRUM_ROLE_ARN: 'arn:aws:iam::123456789012:role/spectrum',
};
const source = 'retail.user_purchase';
const delivery = 'the vendor’s review file';

describe('the name of a dataset', () => {
  it('in the bucket is its folder, and its tables in the data catalog', () => {
    expect(placeOf('movie_review/load', aws)).toEqual({
      namespace: 's3://stages',
      name: 'movie_review/load',
    });
    expect(placeOf('movie_review/stage', aws)).toEqual({
      namespace: 's3://stages',
      name: 'movie_review/stage',
      catalog: [
        {
          namespace: 'arn:aws:glue:eu-west-1:123456789012',
          name: 'table/user_behaviour/movie_review_clean_stage',
        },
      ],
    });
    const { catalog = [] } = placeOf('user_purchase/stage', aws);
    expect(catalog.map(({ name }) => name)).toEqual([
      'table/user_behaviour/user_purchase_staging',
      'table/user_behaviour/user_purchase_staging_parquet',
    ]);
  });

  it.each([
    [{}, 'redshift://analysts.eu-west-1:5439'],
    [
      { REDSHIFT_WORKGROUP: '', REDSHIFT_CLUSTER_ID: 'nightly' },
      'redshift://nightly.eu-west-1:5439',
    ],
  ])('in the warehouse with %j is in %s', (more, namespace) => {
    expect(placeOf('public.user_behavior_metric', { ...aws, ...more })).toEqual({
      namespace,
      name: 'dev.public.user_behavior_metric',
    });
  });

  it.each([
    ['postgres://me:s%2Fecret@db:5433/shop', 'postgres://db:5433', 'shop.retail.user_purchase'],
    ['postgresql://me:secret@db?sslmode=require', 'postgres://db:5432', 'me.retail.user_purchase'],
  ])('at the source %s has neither password nor user', (address, namespace, name) => {
    const place = placeOf(source, { SOURCE_DATABASE_URL: address });
    expect(place).toEqual({ namespace, name });
    expect(JSON.stringify(place)).not.toContain('secret');
    const known = { SOURCE_DATABASE_URL: address, OPENLINEAGE_SOURCE: 'postgres://primary/shop' };
    expect(placeOf(source, known).namespace).toBe('postgres://primary:5432');
  });

  it('at a source whose address is in a secret names the secret', () => {
    const SOURCE_DATABASE_SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop';
    expect(placeOf(source, { SOURCE_DATABASE_SECRET_ARN })).toEqual({
      namespace: SOURCE_DATABASE_SECRET_ARN,
      name: source,
    });
  });

  it.each([
    ['s3://vendor/reviews/{ds}/movie.csv', 's3://vendor', 'reviews'],
    ['s3://vendor/reviews/movie-{ds}.csv.gz', 's3://vendor', 'reviews'],
    ['s3://vendor/{ds}.csv', 's3://vendor', '/'],
    ['s3://vendor/all/movie.csv', 's3://vendor', 'all/movie.csv'],
    ['/in/reviews/{ds}.csv', 'file', '/in/reviews'],
    ['/{ds}.csv', 'file', '/'],
    ['in/movie.csv', 'file', `${cwd()}/in/movie.csv`],
  ])('of a delivery at %s is one for all days', (REVIEWS_SOURCE, namespace, name) => {
    expect(placeOf(delivery, { REVIEWS_SOURCE })).toEqual({ namespace, name });
  });

  it('of a source that nothing is known of is its own', () => {
    expect(placeOf('the vendor’s ratings', aws)).toEqual({
      namespace: 'user-behaviour',
      name: 'the vendor’s ratings',
    });
  });
});
