import type { Manifest } from '../manifest/manifest.ts';

/** A dataset that a run read: what a job notes as the fact `inputs` of its record. */
export interface ReadInput {
  readonly dataset: string;
  /** The published run that was read. */
  readonly run: string;
  /** Of its manifest. */
  readonly rows?: number;
  readonly bytes?: number;
  readonly files?: number;
}

export const inputOf = ({ dataset, run, totals }: Manifest): ReadInput => ({
  dataset,
  run,
  rows: totals.rows,
  bytes: totals.bytes,
  files: totals.files,
});
