/** What a scan of an external table read, and Amazon's advice about the size of its files. */
import type { ExternalTable } from './external-definition.ts';
import { compressionOf } from './object-cache.ts';
import { addressOf, type SpectrumFile } from './spectrum-files.ts';

/** One row of SYS_EXTERNAL_QUERY_DETAIL. Kept in the statement's record. */
export interface ScanRecord {
  readonly schema: string;
  readonly table: string;
  /** The table's location, not the partition's. */
  readonly location: string;
  readonly format: 'Parquet' | 'Text';
  readonly partitioned: boolean;
  /** From the search for partitions until the files are here. Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly listMilliseconds: number;
  readonly totalPartitions: number;
  readonly qualifiedPartitions: number;
  readonly files: number;
  /** Rows and bytes of the files: no condition is evaluated by Spectrum here. */
  readonly rows: number;
  readonly bytes: number;
  readonly warning?: string;
}

const megabyte = 2 ** 20;

/** Files up to 1 GB are advised; 128 MB if a file cannot be read in parallel (c-spectrum-troubleshooting). */
export function sizeAdvice(file: SpectrumFile, table: ExternalTable): string | undefined {
  const splits = canSplit(file, table);
  if (file.bytes <= (splits ? 1024 : 128) * megabyte) return undefined;
  const size = `${addressOf(file)} has ${Math.round(file.bytes / megabyte)} MB`;
  return splits
    ? `${size}: files of 64 MB to 1 GB are advised`
    : `${size} and cannot be read in parallel: files of 64 MB to 128 MB are advised`;
}

function canSplit(file: SpectrumFile, table: ExternalTable): boolean {
  const { format } = table;
  if (format.kind === 'parquet') return true;
  // A line break may be within a field, so that no reader can begin in the middle of the file.
  if (format.kind === 'opencsv' && format.wholeFile) return false;
  return compressionOf(file, table) === 'none';
}
