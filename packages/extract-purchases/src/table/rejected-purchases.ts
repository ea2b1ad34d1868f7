/** Purchases of a day that the load cannot take: how many, why, and where they are; pure. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';

/** The number of rows for each reason of sql/source/extract/judged_purchases.sql; null for the rows without one. */
export const judgements = z.array(z.object({ reason: z.string().nullable(), rows: z.number() }));

export const foundPlaces = z.array(z.object({ reason: z.string(), place: z.string() }));

export interface JudgedDay {
  readonly loadable: number;
  readonly rejected: Readonly<Record<string, number>>;
}

export function judgedDay(rows: z.infer<typeof judgements>): JudgedDay {
  const rejected: Record<string, number> = {};
  let loadable = 0;
  for (const { reason, rows: count } of rows.toSorted((a, b) => b.rows - a.rows)) {
    if (reason === null) loadable = count;
    else rejected[reason] = count;
  }
  return { loadable, rejected };
}

const countRejected = ({ rejected }: Pick<JudgedDay, 'rejected'>): number =>
  Object.values(rejected).reduce((sum, rows) => sum + rows, 0);

/** `2 of 1450 purchases of 2010-12-01 cannot be loaded: unit_price is not a number: 2 (retail.x (0,1), …)`. */
function describe(ds: Ds, day: JudgedDay, places: z.infer<typeof foundPlaces>): string {
  const count = countRejected(day);
  const reasons = Object.entries(day.rejected).map(([reason, rows]) => {
    const found = places.filter((one) => one.reason === reason).map(({ place }) => place);
    const more = rows > found.length ? [...found, '…'] : found;
    return `${reason}: ${String(rows)} (${more.join(', ')})`;
  });
  return `${String(count)} of ${String(count + day.loadable)} purchases of ${ds} cannot be loaded: ${reasons.join('; ')}`;
}

/** The failure of a day that is refused. `allowed` is a share of its rows, or undefined if none is. */
export function refusal(
  ds: Ds,
  day: JudgedDay,
  places: z.infer<typeof foundPlaces>,
  allowed: number | undefined,
): Failure {
  const found = describe(ds, day, places);
  const correct = "correct them at the source (a place such as (0,1) is the row's ctid)";
  if (allowed === undefined) {
    return new Failure('data', found, {
      action: `${correct}, or set BAD_PURCHASES=quarantine, then run the day again`,
    });
  }
  return new Failure(
    'data',
    `${found}; MAX_REJECTED_PURCHASES allows a share of ${String(allowed)}`,
    { action: `${correct}, or raise MAX_REJECTED_PURCHASES, then run the day again` },
  );
}

/** Whether the rejected rows are at most this share of the day. A product would round: 0.29 * 100 is below 29. */
export const isWithin = (share: number, day: JudgedDay): boolean => {
  const count = countRejected(day);
  return count === 0 || count / (count + day.loadable) <= share;
};

/** @throws if a row was neither published nor rejected, or both. */
export function requireConserved(
  ds: Ds,
  day: JudgedDay,
  written: { readonly published: number; readonly rejected: number },
): void {
  const expected = [day.loadable, countRejected(day)];
  const found = [written.published, written.rejected];
  if (String(expected) === String(found)) return;
  throw new Failure(
    'bug',
    `${ds} has ${expected.join(' + ')} loadable and other purchases, but ${found.join(' + ')} were published and rejected`,
  );
}
