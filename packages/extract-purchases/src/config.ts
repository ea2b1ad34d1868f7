/** The environment variables of extract-purchases. */
import {
  baseVariables,
  type Validate,
  type Configuration,
  duration,
  ruledVariable,
  rulesVariable,
  share,
  size,
  variable,
} from '@user-behaviour/shared/runner/config';
import * as z from 'zod';
import { outputFormats } from './upload/output-format.ts';
import { isSourceAddress } from './source/address.ts';

/** At most 5,500 of the 10,000 parts that an upload may have. */
const fileSizes = { least: '64MiB', most: '32GiB' };

export const variables = {
  ...baseVariables,
  ...rulesVariable,
  SOURCE_DATABASE_URL: variable(
    'postgres:// URL of the source, preferably a read replica; TLS is verified unless it is a loopback address',
    z
      .string()
      .refine(isSourceAddress, 'expected postgres://user:password@host:port/database')
      .optional(),
  ),
  SOURCE_DATABASE_SECRET_ARN: variable(
    'instead of the URL: ARN of an AWS Secrets Manager secret with host, port, dbname, username and password',
    z
      .string()
      .regex(/^arn:[\w-]+:secretsmanager:/, 'expected the ARN of a secret')
      .optional(),
  ),
  SOURCE_DATABASE_CA_FILE: variable(
    'PEM file with the certificate authorities to verify the source against, e.g. the RDS bundle',
    z.string().optional(),
  ),
  SOURCE_STATEMENT_TIMEOUT: variable(
    'longest duration of a query at the source',
    duration('30m', { least: '1s', most: '24h' }),
  ),
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
    'largest size of a file before compression, from 64MiB to 32GiB; a larger day continues in further files',
    // One worker of Spectrum reads a whole file; above 1 GB, it may exceed its retries.
    size('1GiB', fileSizes),
  ),
  /** `:min_quantity` in sql/source/extract/user_purchase.sql. */
  MIN_QUANTITY: ruledVariable(
    'minQuantity',
    'extract only rows with a larger quantity',
    z
      .string()
      .default('2')
      .refine((text) => /^-?\d{1,9}$/.test(text), 'expected a whole number')
      .transform(Number),
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
    `file format: ${outputFormats.join(' or ')}; a day that was published in another format is published again`,
    z.enum(outputFormats).default('csv'),
  ),
} as const;

export type ExtractConfiguration = Configuration<typeof variables>;

/** Exactly one of the two variables must name the source. */
export const validate: Validate<typeof variables> = (configuration, wrong) => {
  const names = ['SOURCE_DATABASE_URL', 'SOURCE_DATABASE_SECRET_ARN'];
  if (names.some((name) => wrong.has(name))) return [];
  const given = [
    configuration.SOURCE_DATABASE_URL,
    configuration.SOURCE_DATABASE_SECRET_ARN,
  ].filter((value) => value !== undefined);
  if (given.length === 1) return [];
  return given.length === 0
    ? ['SOURCE_DATABASE_URL is missing (or SOURCE_DATABASE_SECRET_ARN)']
    : ['SOURCE_DATABASE_URL and SOURCE_DATABASE_SECRET_ARN are mutually exclusive'];
};
