/** The manifest lists the files of a published run of a day. This code defines its schema. */
import * as z from 'zod';
import { type Ds, isDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import { manifestKey, runPrefix } from '../keys.ts';
import { type Dataset, datasets } from '../pipeline.ts';
import { isRunId } from '../runner/run-id.ts';
import { partialUntil } from './partial-day.ts';
import { type SourceState, sourceState } from './source-state.ts';

const count = z.int().nonnegative();

/** It goes into keys, paths, step names and statements. */
const run = z.string().refine(isRunId, 'expected 1 to 63 letters, digits and hyphens');

const hexadecimal = (digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${String(digits)}}$`));

/** Files with the same SHA-256, or the same CRC-32 and row hash, have the same content. */
const file = z
  .object({
    key: z.string().min(1),
    bytes: count,
    /** Data rows, without the header. */
    rows: count,
    /** Of the whole object. */
    sha256: hexadecimal(64).optional(),
    /** CRC-32 of the whole object, verified by S3. */
    crc32: hexadecimal(8).optional(),
    /** Sum modulo 2^64 of the XXH64 of each row without its line feed. */
    rowHash: hexadecimal(16).optional(),
  })
  .refine(
    ({ sha256, crc32, rowHash }) =>
      sha256 !== undefined || (crc32 !== undefined && rowHash !== undefined),
    'expected sha256, or crc32 and rowHash',
  );

const upstream = z.object({
  key: z.string().min(1),
  etag: z.string().min(1),
  run,
  generation: z.int().positive(),
});

/** Fields that this release does not know are ignored: it also reads what a newer release wrote. */
const manifest = z.object({
  version: z.literal(1),
  dataset: z.enum(datasets),
  ds: z.custom<Ds>((value) => typeof value === 'string' && isDs(value)),
  run,
  /** 1 for the first publication of the day; each further publication adds 1. */
  generation: z.int().positive(),
  job: z.object({ name: z.string(), version: z.string() }),
  /** Settings that affect the data, e.g. minQuantity. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  upstream: z.array(upstream),
  files: z.array(file),
  totals: z.object({
    files: count,
    bytes: count,
    rows: count,
    rejected: count,
    /** Purchases of the day that `minQuantity` leaves out; absent if they were not counted. */
    belowQuantity: count.optional(),
  }),
  /** The number of rejected rows by reason. */
  rejected: z.record(z.string(), count),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** Only of a day that was not over when its source was read: until when it is complete, by the clock of S3. */
  completeUntil: z.iso.datetime().optional(),
  /** Only of purchases: the state of the source that the rows are from. Older releases wrote none. */
  source: sourceState.optional(),
});

export type Manifest = z.infer<typeof manifest>;
export type ManifestFile = z.infer<typeof file>;
export type Upstream = z.infer<typeof upstream>;

/**
 * Parses the manifest that was read from `key`, which may be an S3 URI.
 * @throws a data failure that names the key if the version or the format is unknown, or if the manifest or
 * one of its files belongs elsewhere.
 */
export function parseManifest(text: string, key: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Failure('data', `${key} is not JSON; expected a manifest of version 1`, { cause });
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (version !== 1) {
    throw new Failure(
      'data',
      `${key} has manifest version ${JSON.stringify(version)}; this release reads version 1`,
      { action: 'run the release that wrote it, or a newer one' },
    );
  }
  const result = manifest.safeParse(value);
  if (!result.success) {
    throw new Failure(
      'data',
      `${key} is not a valid manifest of version 1: ${z.prettifyError(result.error)}`,
    );
  }
  requireOwnPlace(result.data, key);
  return result.data;
}

/** A restored or copied manifest under another key would be read as the result of another day. */
function requireOwnPlace({ dataset, ds, run, files }: Manifest, key: string): void {
  const own = manifestKey(dataset, ds);
  const action = 'restore the manifest that was there, or remove it and run the day again';
  if (key !== own && !key.endsWith(`/${own}`)) {
    throw new Failure(
      'data',
      `${key} holds the manifest of ${dataset} of ${ds}, which belongs at ${own}`,
      { action },
    );
  }
  const prefix = runPrefix(dataset, ds, run);
  const foreign = files.find((entry) => !entry.key.startsWith(prefix));
  if (foreign === undefined) return;
  throw new Failure(
    'data',
    `${key} names the file ${foreign.key}; expected only files below ${prefix}`,
    { action },
  );
}

export interface Draft {
  readonly dataset: Dataset;
  readonly ds: Ds;
  readonly run: string;
  readonly job: Manifest['job'];
  readonly parameters: Manifest['parameters'];
  readonly upstream: readonly Upstream[];
  readonly files: readonly ManifestFile[];
  readonly rejected?: Readonly<Record<string, number>>;
  /** See `totals.belowQuantity`. */
  readonly belowQuantity?: number | undefined;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly completeUntil?: Date | undefined;
  readonly source?: SourceState | undefined;
}

/** Turns a draft into a manifest with its totals. */
export function completeManifest(draft: Draft, generation: number): Manifest {
  const rejected = draft.rejected ?? {};
  const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
  return {
    version: 1,
    dataset: draft.dataset,
    ds: draft.ds,
    run: draft.run,
    generation,
    job: draft.job,
    parameters: draft.parameters,
    upstream: [...draft.upstream],
    files: [...draft.files],
    totals: {
      files: draft.files.length,
      bytes: sum(draft.files.map((entry) => entry.bytes)),
      rows: sum(draft.files.map((entry) => entry.rows)),
      rejected: sum(Object.values(rejected)),
      ...(draft.belowQuantity !== undefined && { belowQuantity: draft.belowQuantity }),
    },
    rejected,
    startedAt: draft.startedAt.toISOString(),
    finishedAt: draft.finishedAt.toISOString(),
    ...(draft.completeUntil && { completeUntil: draft.completeUntil.toISOString() }),
    ...(draft.source && { source: draft.source }),
  };
}

/** Settings that decide whether rejected rows may be left out. */
const limitsOfRejects: readonly string[] = ['badPurchases', 'maxRejectedPurchases'];

/** The parameters without those that shape nothing, because no row was rejected. */
export const shapingParameters = (
  parameters: Manifest['parameters'],
  rejected: Readonly<Record<string, number>> = {},
): Manifest['parameters'] =>
  Object.values(rejected).some((rows) => rows > 0)
    ? parameters
    : Object.fromEntries(
        Object.entries(parameters).filter(([name]) => !limitsOfRejects.includes(name)),
      );

/**
 * Whether the draft has the same content as the published manifest and needs no publication. It needs one if
 * the published day was partial and the draft's is complete: otherwise it would count as partial for ever.
 */
export function sameContent(draft: Draft, published: Manifest): boolean {
  if (partialUntil(published) !== undefined && partialUntil(draft) === undefined) return false;
  const essence = (of: Pick<Draft, 'parameters' | 'upstream' | 'files' | 'rejected'>) =>
    JSON.stringify([
      Object.entries(of.rejected ?? {}).sort(),
      Object.entries(shapingParameters(of.parameters, of.rejected)).sort(),
      of.upstream.map(({ key, etag }) => [key, etag]),
      of.files.map(({ bytes, rows, sha256, crc32, rowHash }) => [
        bytes,
        rows,
        sha256,
        crc32,
        rowHash,
      ]),
    ]);
  return essence(draft) === essence(published);
}
