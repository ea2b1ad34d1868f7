/** The environment variables of every job that reads the source. */
import {
  baseVariables,
  type Configuration,
  duration,
  ruledVariable,
  type Validate,
  variable,
} from '@user-behaviour/shared/runner/config';
import * as z from 'zod';
import { isSourceAddress } from './address.ts';

export const sourceVariables = {
  ...baseVariables,
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
} as const;

export type SourceConfiguration = Configuration<typeof sourceVariables>;

/** Which purchases belong to the stage. `:min_quantity` in sql/source/extract/user_purchase.sql. */
export const minQuantity = {
  MIN_QUANTITY: ruledVariable(
    'minQuantity',
    'extract only rows with a larger quantity',
    z
      .string()
      .default('2')
      .refine((text) => /^-?\d{1,9}$/.test(text), 'expected a whole number')
      .transform(Number),
  ),
} as const;

/** Exactly one of the two variables must name the source. */
export const validate: Validate<typeof sourceVariables> = (configuration, wrong) => {
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
