/** The manifest: what one published run of one day consists of. Its schema is this code. */
import * as z from 'zod';
import { type Ds, isDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import { type Dataset, datasets } from '../pipeline.ts';

const count = z.int().nonnegative();

const hexadecimal = (digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${String(digits)}}$`));

/** What tells equal content: SHA-256, or CRC-32 and the sum of the rows' hashes. */
const file = z
  .object({
    key: z.string().min(1),
    bytes: count,
    /** Data rows, without the header. */
    rows: count,
    /** Of the whole object. */
    sha256: hexadecimal(64).optional(),
    /** CRC-32 of the whole object, which S3 has checked. */
    crc32: hexadecimal(8).optional(),
    /** The XXH64 of each row without its line feed, summed up modulo 2^64. */
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
  run: z.string().min(1),
  generation: z.int().positive(),
});

const manifest = z.strictObject({
  version: z.literal(1),
  dataset: z.enum(datasets),
  ds: z.custom<Ds>((value) => typeof value === 'string' && isDs(value)),
  run: z.string().min(1),
  /** How often this day's pointer has moved: 1 for the first publication, and only ever upwards. */
  generation: z.int().positive(),
  job: z.strictObject({ name: z.string(), version: z.string() }),
  /** What shaped the data besides its input, e.g. minQuantity. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  upstream: z.array(upstream),
  files: z.array(file),
  totals: z.strictObject({
    files: count,
    bytes: count,
    rows: count,
    rejected: count,
  }),
  /** How many rows were rejected for which reason. */
  rejected: z.record(z.string(), count),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
});

export type Manifest = z.infer<typeof manifest>;
export type ManifestFile = z.infer<typeof file>;
export type Upstream = z.infer<typeof upstream>;

/** Reads a manifest; a version or a shape that this code does not know is a data failure that names the key. */
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
      `${key} is no manifest of version 1: ${z.prettifyError(result.error)}`,
    );
  }
  return result.data;
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
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** A draft becomes a manifest: totals are added up here and nowhere else. */
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
    },
    rejected,
    startedAt: draft.startedAt.toISOString(),
    finishedAt: draft.finishedAt.toISOString(),
  };
}

/** Whether a draft says nothing that the published manifest does not say: then nothing needs to move. */
export function sameContent(draft: Draft, published: Manifest): boolean {
  const essence = (of: Pick<Draft, 'parameters' | 'upstream' | 'files'>) =>
    JSON.stringify([
      Object.entries(of.parameters).sort(),
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
