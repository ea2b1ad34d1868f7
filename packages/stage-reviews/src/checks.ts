/** Checks the vendor's file and the access to the bucket. */
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { readingChecks, uploadCheck, writingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import type { CheckResult, HealthChecks } from '@user-behaviour/shared/runner/health-checks';
import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { StageConfiguration } from './config.ts';
import { isDaily, openSource } from './source/open-source.ts';

export function healthChecks(configuration: StageConfiguration): HealthChecks {
  const s3 = createS3Client(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  const template = configuration.REVIEWS_SOURCE;
  const run = async (): Promise<CheckResult> => {
    const source = openSource(template, parseDs('2010-12-01'), s3);
    if ((await source.look()) !== undefined) return { found: `${source.name} exists` };
    if (isDaily(template)) {
      const advice = 'check whether the files of other days exist';
      return { found: `${source.name} does not exist; each day has a separate file`, advice };
    }
    throw new Failure('not-ready', `the reviews file ${source.name} does not exist`, {
      action: "wait for the vendor's delivery, or correct REVIEWS_SOURCE",
    });
  };
  return {
    checks: [
      { name: 'reviews file', run },
      ...readingChecks(s3, bucket, 'movie_review/load'),
      ...writingChecks(s3, bucket, 'movie_review/load'),
      uploadCheck(s3, bucket, 'movie_review/load'),
      ...writingChecks(s3, bucket, 'scripts'),
    ],
    [Symbol.asyncDispose]() {
      s3.destroy();
      return Promise.resolve();
    },
  };
}
