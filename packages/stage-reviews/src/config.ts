/** The environment variables of stage-reviews. */
import {
  type Configuration,
  type Validate,
  baseVariables,
  duration,
  size,
  placeForm,
  variable,
} from '@user-behaviour/shared/runner/config';
import * as z from 'zod';

const place = z.string({ error: 'is missing' }).regex(...placeForm);

export const variables = {
  ...baseVariables,
  REVIEWS_SOURCE: variable(
    "the vendor's file: a path or s3://bucket/key; {ds} is replaced by the day",
    place,
  ),
  REVIEWS_READY: variable(
    'a file that the vendor writes after the reviews, empty or not: a path or s3://bucket/key, with {ds} like REVIEWS_SOURCE; until it exists, nothing counts as delivered',
    place.optional(),
  ),
  REVIEWS_SETTLE: variable(
    'a file that changed less than this long ago is delivered only if it is the same after as long again',
    duration('1s', { least: '0s', most: '15m' }),
  ),
  MAX_LINE_SIZE: variable(
    'longest line of the file, from 1KiB to 4MiB; a longer line becomes a rejected review',
    // With Spark's default of 1 GiB of memory, lines of 4 MiB are read, and lines of 16 MiB are not.
    size('1MiB', { least: '1KiB', most: '4MiB' }),
  ),
} as const;

/** One marker for all days would call each day's file complete. */
export const validate: Validate<typeof variables> = ({ REVIEWS_SOURCE, REVIEWS_READY }) =>
  REVIEWS_READY !== undefined &&
  REVIEWS_SOURCE?.includes('{ds}') === true &&
  !REVIEWS_READY.includes('{ds}')
    ? ['REVIEWS_READY needs {ds}, because REVIEWS_SOURCE has it']
    : [];

export type StageConfiguration = Configuration<typeof variables>;
