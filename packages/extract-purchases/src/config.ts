/** What extract-purchases reads from its environment. */
import {
  baseVariables,
  type Check,
  type Configuration,
  variable,
} from '@user-behaviour/shared/runner/config';
import { parseDuration } from '@user-behaviour/shared/waiting';
import * as z from 'zod';
import { outputFormats } from './upload/output-format.ts';
import { isSourceAddress } from './source/address.ts';

/** Bytes. */
const leastFile = 64 * 1024 ** 2;

/** Bytes of `512MiB` or `32GiB`. */
function parseSize(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,6})(MiB|GiB)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * 1024 ** (unit === 'GiB' ? 3 : 2);
}

export const variables = {
  ...baseVariables,
  SOURCE_DATABASE_URL: variable(
    'postgres:// address of the source, best a read replica; TLS is verified unless it is a loopback address',
    z
      .string()
      .refine(isSourceAddress, 'expected postgres://user:password@host:port/database')
      .optional(),
  ),
  SOURCE_DATABASE_SECRET_ARN: variable(
    'secret of AWS Secrets Manager that holds the source (host, port, dbname, username, password), instead of the URL',
    z
      .string()
      .regex(/^arn:[\w-]+:secretsmanager:/, 'expected an ARN of a secret')
      .optional(),
  ),
  SOURCE_DATABASE_CA_FILE: variable(
    'certificate authorities (PEM) that the source is checked against, e.g. the RDS bundle',
    z.string().optional(),
  ),
  SOURCE_STATEMENT_TIMEOUT: variable(
    'how long one query may take at the source',
    z
      .string()
      .default('30m')
      .refine(
        (text) => parseDuration(text) !== undefined,
        'expected a time such as 90s, 30m or 2h',
      ),
  ),
  SOURCE_CONNECTIONS: variable(
    'how many connections to the source there may be at once; a large day uses several',
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
    'a file that would become larger is continued in further ones',
    z
      .string()
      .default('32GiB')
      .refine(
        (text) => (parseSize(text) ?? 0) >= leastFile,
        'expected a size such as 512MiB or 32GiB, at least 64MiB',
      )
      .transform((text) => parseSize(text) ?? 0),
  ),
  MIN_QUANTITY: variable(
    'only rows with a larger quantity are taken',
    z
      .string()
      .default('2')
      .refine((text) => /^-?\d{1,9}$/.test(text), 'expected a whole number')
      .transform(Number),
  ),
  OUTPUT_FORMAT: variable(
    `how the file is written: ${outputFormats.join(' or ')}; what is published in another format is published anew`,
    z.enum(outputFormats).default('csv'),
  ),
} as const;

export type ExtractConfiguration = Configuration<typeof variables>;

export const check: Check<typeof variables> = (configuration, wrong) => {
  const names = ['SOURCE_DATABASE_URL', 'SOURCE_DATABASE_SECRET_ARN'];
  if (names.some((name) => wrong.has(name))) return [];
  const given = [
    configuration.SOURCE_DATABASE_URL,
    configuration.SOURCE_DATABASE_SECRET_ARN,
  ].filter((value) => value !== undefined);
  if (given.length === 1) return [];
  return given.length === 0
    ? ['SOURCE_DATABASE_URL is missing (or SOURCE_DATABASE_SECRET_ARN)']
    : ['SOURCE_DATABASE_URL and SOURCE_DATABASE_SECRET_ARN exclude each other'];
};
