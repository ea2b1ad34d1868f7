/** The environment variables of stage-reviews. */
import { baseVariables, type Configuration, variable } from '@user-behaviour/shared/runner/config';
import * as z from 'zod';

export const variables = {
  ...baseVariables,
  REVIEWS_SOURCE: variable(
    "the vendor's file: a path or s3://bucket/key; {ds} is replaced by the day",
    z
      .string({ error: 'is missing' })
      .regex(
        /^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+|(?![A-Za-z0-9]+:\/\/).+)$/,
        'expected a path or s3://bucket/key',
      ),
  ),
} as const;

export type StageConfiguration = Configuration<typeof variables>;
