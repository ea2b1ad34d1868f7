/**
 * The digest of a day: it tells whether the day has changed at the source. It is the number of all purchases of the
 * day and a hash of those that a run extracts. The look computes it by SQL, an extraction from the rows that it reads.
 */
import { asset } from '@user-behaviour/shared/asset';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import type { SourceDigest } from '@user-behaviour/shared/manifest/source-state';
import * as z from 'zod';
import type { DaySelection } from './query.ts';

/**
 * How a row is hashed, by the version of the server: PostgreSQL 14 and newer hash a record as it is, which costs
 * half of making it a text first. That hash is a linear sum of those of the columns, so another one follows: otherwise two
 * rows that exchange a value would have the sum that they had. The results differ, so the name is part of the digest.
 * Older releases hashed all rows of the day, and their names are `record` and `text`.
 */
const algorithms = {
  selected: 'hashfloat8extended(hash_record_extended(purchase, 0), 0)',
  selectedtext: 'hashtextextended(cast(purchase as text), 0)',
} as const;
type Algorithm = keyof typeof algorithms;

const firstVersionOfRecord = 140_000;

const algorithmOf = (serverVersion: number): Algorithm =>
  serverVersion >= firstVersionOfRecord ? 'selected' : 'selectedtext';

const withoutComments = (name: string): string =>
  asset(`sql/source/extract/${name}.sql`)
    .replace(/^--.*\n/gm, '')
    .trim();

/** Returns sql/source/extract/digests.sql for neighbouring days in order, with its psql variables replaced. */
export const digestsQuery = (days: readonly DaySelection[], serverVersion: number): string =>
  withoutComments('digests')
    .replaceAll(':row_hash', algorithms[algorithmOf(serverVersion)])
    .replaceAll(':min_quantity', minQuantityOf(days))
    .replaceAll(":'from'", `'${String(days[0]?.ds)}'`)
    .replaceAll(":'through'", `'${String(days.at(-1)?.ds)}'`);

/** One number, or one for each day on which it changes. */
function minQuantityOf(days: readonly DaySelection[]): string {
  const changes = days.filter(
    ({ minQuantity }, at) => at === 0 || minQuantity !== days[at - 1]?.minQuantity,
  );
  const cases = changes
    .slice(1)
    .map(
      ({ ds }, at) =>
        `when invoice_date < timestamp '${ds}' then ${String(changes[at]?.minQuantity)}`,
    );
  const otherwise = String(days.at(-1)?.minQuantity);
  return cases.length === 0 ? otherwise : `case ${cases.join(' ')} else ${otherwise} end`;
}

const row = z.object({
  ds: z.string().refine(isDs),
  rows: z.int(),
  sum: z.string().regex(/^-?\d+$/),
});

const digest = (rows: number, algorithm: Algorithm, sum: bigint): SourceDigest => ({
  rows,
  hash: `${algorithm}:${BigInt.asUintN(64, sum).toString(16).padStart(16, '0')}`,
});

/** Looks up the digest of a day in the rows of the query; a day without purchases has no row. */
export function digestsOf(rows: unknown, serverVersion: number): (ds: Ds) => SourceDigest {
  const algorithm = algorithmOf(serverVersion);
  const found = new Map(
    z
      .array(row)
      .parse(rows)
      .map((day) => [day.ds, day] as const),
  );
  return (ds) => {
    const { rows: count, sum } = found.get(ds) ?? { rows: 0, sum: '0' };
    return digest(count, algorithm, BigInt(sum));
  };
}

/** Returns sql/source/extract/count_of_day.sql with its psql variable replaced. */
export const countQuery = (ds: Ds): string =>
  withoutComments('count_of_day').replaceAll(":'ds'", `'${ds}'`);

const counted = z.tuple([z.object({ rows: z.int() })]);

/** The digest of a day, by the rows of `countQuery` and the sum of the hashes that the scanner has computed. */
export const scannedDigest = (rows: unknown, sum: bigint): SourceDigest =>
  digest(counted.parse(rows)[0].rows, 'selected', sum);

/** The hash of the record in sql/source/extract/known_hash.sql, as the scanner computes it. */
const known = { hash: BigInt('-3993519857355865492'), encoding: 'UTF8' };

/** Statements that tell whether the server hashes as the scanner does; none if it is too old to do so. */
export const knownHashQuery = (serverVersion: number): readonly string[] =>
  algorithmOf(serverVersion) === 'selected' ? [withoutComments('known_hash')] : [];

const found = z.tuple([z.object({ hash: z.string(), encoding: z.string() })]);

/** By the rows of `knownHashQuery`, if it was asked. */
export function hashesAsScanner(rows: unknown): boolean {
  if (rows === undefined) return false;
  const [{ hash, encoding }] = found.parse(rows);
  return BigInt(hash) === known.hash && encoding === known.encoding;
}
