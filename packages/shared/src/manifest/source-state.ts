/** What a manifest says about the state of the source that its rows were read from. No values of rows. */
import * as z from 'zod';

/** Every row of a day at the source, also those that the job's settings leave out. */
const digest = z.object({
  rows: z.int().nonnegative(),
  /** How each row was hashed, and the sum of the hashes modulo 2^64; equal only if both are equal. */
  hash: z.string().regex(/^[a-z]+:[0-9a-f]{16}$/),
});

/** Each field is optional: a source may not tell it, and the job may not have asked. */
export const sourceState = z.object({
  digest: digest.optional(),
  /** Of the PostgreSQL cluster. Transaction ids of two clusters cannot be compared. */
  systemIdentifier: z.string().regex(/^\d+$/).optional(),
  /** Raised by whatever breaks the chain of captured changes. */
  epoch: z.int().positive().optional(),
  /** `pg_snapshot_xmin` of the snapshot that was read: it surely holds only what older transactions did. */
  xmin: z.string().regex(/^\d+$/).optional(),
  /** When the snapshot was taken, by the clock of the source. */
  at: z.iso.datetime().optional(),
});

export type SourceDigest = z.infer<typeof digest>;
export type SourceState = z.infer<typeof sourceState>;

/** Whether both say the same about the source; when it was read does not matter. */
export function sameSourceState(
  one: SourceState | undefined,
  other: SourceState | undefined,
): boolean {
  const essence = (of: SourceState = {}) => [
    of.digest?.rows,
    of.digest?.hash,
    of.systemIdentifier,
    of.epoch,
    of.xmin,
  ];
  return JSON.stringify(essence(one)) === JSON.stringify(essence(other));
}
