/** The digest of all purchases of a day: it tells whether the day has changed at the source. */
import { asset } from '@user-behaviour/shared/asset';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import type { SourceDigest } from '@user-behaviour/shared/manifest/source-state';
import * as z from 'zod';

/**
 * How a row is hashed, by the version of the server: PostgreSQL 14 and newer hash a record as it is, which costs
 * half of making it a text first. The results differ, so the name is part of the digest.
 */
const algorithms = {
  record: 'hash_record_extended(purchase, 0)',
  text: 'hashtextextended(cast(purchase as text), 0)',
} as const;

const firstVersionOfRecord = 140_000;

const algorithmOf = (serverVersion: number): keyof typeof algorithms =>
  serverVersion >= firstVersionOfRecord ? 'record' : 'text';

/** Returns sql/source/extract/digests.sql for the days from the first to the last, with its psql variables replaced. */
export const digestsQuery = (
  { from, through }: { readonly from: Ds; readonly through: Ds },
  serverVersion: number,
): string =>
  asset('sql/source/extract/digests.sql')
    .replace(/^--.*\n/gm, '')
    .replaceAll(':row_hash', algorithms[algorithmOf(serverVersion)])
    .replaceAll(":'from'", `'${from}'`)
    .replaceAll(":'through'", `'${through}'`)
    .trim();

const row = z.object({
  ds: z.string().refine(isDs),
  rows: z.int(),
  sum: z.string().regex(/^-?\d+$/),
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
    const hash = BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, '0');
    return { rows: count, hash: `${algorithm}:${hash}` };
  };
}
