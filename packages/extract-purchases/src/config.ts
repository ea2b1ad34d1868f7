/** The environment variables of extract-purchases. */
import {
  type Configuration,
  ruledVariable,
  rulesVariable,
  share,
  size,
  variable,
} from '@user-behaviour/shared/runner/config';
import * as z from 'zod';
import { outputFormats } from './upload/output-format.ts';
import { minQuantity, sourceVariables } from '@user-behaviour/source/config';

/** At most 5,500 of the 10,000 parts that an upload may have. */
const fileSizes = { least: '64MiB', most: '32GiB' };

export const variables = {
  ...sourceVariables,
  ...rulesVariable,
  ...minQuantity,
  SOURCE_CONNECTIONS: variable(
    'largest number of connections to the source at once, 1 to 64; a large day uses several',
    z
      .string()
      .default('2')
      .refine(
        (text) => /^([1-9]|[1-5]\d|6[0-4])$/.test(text),
        'expected a whole number from 1 to 64',
      )
      .transform(Number),
  ),
  OUTPUT_FILE_SIZE: variable(
    'largest size of a file, counted as CSV, from 64MiB to 32GiB; a larger day continues in further files',
    // One worker of Spectrum reads a whole file; above 1 GB, it may exceed its retries.
    size('1GiB', fileSizes),
  ),
  BAD_PURCHASES: ruledVariable(
    'badPurchases',
    'what to do about purchases that the load cannot take, e.g. without a price: refuse (the day fails) or quarantine (they go to a file of their own)',
    z.enum(['refuse', 'quarantine']).default('refuse'),
  ),
  MAX_REJECTED_PURCHASES: ruledVariable(
    'maxRejectedPurchases',
    'with BAD_PURCHASES=quarantine: share of a day’s purchases that may be rejected; a day with more fails',
    share('0.01'),
  ),
  OUTPUT_FORMAT: ruledVariable(
    'format',
    'file format: csv, csv.gz or parquet, which needs 512 MiB of memory; a day that was published in another format is published again',
    z.enum(outputFormats).default('csv'),
  ),
} as const;

export type ExtractConfiguration = Configuration<typeof variables>;
