/** An erasure makes days again from where their rows come from, so these must have lost the customer first. */
import type { S3Client } from '@aws-sdk/client-s3';
import { asset } from '@user-behaviour/shared/asset';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { type Environment, readConfiguration } from '@user-behaviour/shared/runner/config';
import { validate, variables } from '@user-behaviour/stage-reviews/config';
import { plainText } from '@user-behaviour/stage-reviews/plain-text';
import { openSource } from '@user-behaviour/stage-reviews/source/open-source';
import { querySource, sourceConfiguration } from '../source/source-query.ts';
import { holdsCustomer } from './customer-in-file.ts';

/** @throws a data failure if the source still has purchases of the customer. */
export async function requireGoneAtSource(
  customer: string,
  environment: Environment,
): Promise<void> {
  const configuration = sourceConfiguration(environment);
  const sql = asset('sql/source/report/rows_of_customer.sql').replaceAll(":'customer'", '$1');
  const timeout = configuration.SOURCE_STATEMENT_TIMEOUT;
  const { rows } = await querySource(configuration, { sql, values: [customer], timeout });
  const found = Number(rows[0]?.[0] ?? 0);
  if (found === 0) return;
  throw new Failure(
    'data',
    `retail.user_purchase still has ${String(found)} rows of customer ${customer}`,
    {
      action:
        'delete them at the source first (a replica must have replayed that), then erase again',
    },
  );
}

/** @throws a data failure if the vendor's file of one of the days has the customer, or is not there any more. */
export async function requireGoneInReviews(
  customer: string,
  days: readonly Ds[],
  {
    environment,
    s3,
    signal,
  }: {
    readonly environment: Environment;
    readonly s3: S3Client;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  if (days.length === 0) return;
  const { REVIEWS_SOURCE } = readConfiguration(variables, environment, validate);
  const sources = days.map((ds) => ({ ds, source: openSource(REVIEWS_SOURCE, ds, s3) }));
  // Without {ds} in its name, one file is that of all days.
  const files = [...Map.groupBy(sources, ({ source }) => source.name).values()];
  for (const [first] of files) {
    if (first === undefined) continue;
    const { ds, source } = first;
    const look = await source.look();
    if (look === undefined) {
      throw new Failure(
        'data',
        `the reviews file ${source.name} of ${ds} does not exist any more`,
        {
          action: `deliver it there without customer ${customer}, then erase again. The copy that was staged is below movie_review/load/${ds}/`,
        },
      );
    }
    const content = plainText(source.name, source.read(look, signal));
    if (!(await holdsCustomer(content, customer))) continue;
    throw new Failure(
      'data',
      `the reviews file ${source.name} of ${ds} still has rows of customer ${customer}`,
      {
        action:
          'have it delivered without them, but with at least one review (docs/operating.md#erase), then erase again',
      },
    );
  }
}
