/** What stage-reviews needs: the vendor's file, and its part of the bucket. */
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { readingChecks, uploadCheck, writingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import type { CheckResult, HealthChecks } from '@user-behaviour/shared/runner/health-checks';
import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { StageConfiguration } from './config.ts';
import { reviewsSource } from './reviews-source.ts';

export function healthChecks(configuration: StageConfiguration): HealthChecks {
  const s3 = createS3Client(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  const template = configuration.REVIEWS_SOURCE;
  const run = async (): Promise<CheckResult> => {
    const source = reviewsSource(template, parseDs('2010-12-01'), s3);
    if ((await source.version()) !== undefined) return { found: `${source.name} is there` };
    if (template.includes('{ds}')) {
      const advice = 'look whether the deliveries of other days are there';
      return { found: `${source.name} is not there; each day has a file of its own`, advice };
    }
    throw new Failure('not-ready', `the reviews file ${source.name} is not there`, {
      action: "wait for the vendor's delivery, or correct REVIEWS_SOURCE",
    });
  };
  return {
    checks: [
      { name: 'reviews file', run },
      ...readingChecks(s3, bucket, 'movie_review/load'),
      ...writingChecks(s3, bucket, 'movie_review/load'),
      uploadCheck(s3, bucket, 'movie_review/load'),
    ],
    [Symbol.asyncDispose]() {
      s3.destroy();
      return Promise.resolve();
    },
  };
}
