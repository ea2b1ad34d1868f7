/** Lists the objects of a partition's location (c-spectrum-external-tables). */
import { paginateListObjectsV2, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { splitLocation } from './s3-location.ts';
import { computeError, WarehouseError } from '../warehouse/warehouse-error.ts';

export interface SpectrumFile {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
}

export function addressOf({ bucket, key }: SpectrumFile): string {
  return `s3://${bucket}/${key}`;
}

/** Spectrum ignores files whose names begin with `.`, `_` or `#`, or end in `~`. */
export function isHidden(key: string): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return name === '' || /^[._#]|~$/.test(name);
}

/** Lists the location and everything below it. An empty location is not an error, nor is an empty file. */
export async function listSpectrumFiles(
  client: S3Client,
  location: string,
  signal: AbortSignal,
): Promise<SpectrumFile[]> {
  const { bucket, key: prefix } = splitLocation(location);
  const files: SpectrumFile[] = [];
  try {
    const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix });
    for await (const page of pages) {
      signal.throwIfAborted();
      for (const { Key: key, ETag: etag = '', Size: bytes = 0 } of page.Contents ?? []) {
        if (key === undefined || isHidden(key)) continue;
        if (key === prefix) {
          throw new WarehouseError(
            `the location ${location} is a single object: manifest files are not supported here, use a folder`,
          );
        }
        // `s3://bucket/day` means the folder day/, not day-old/.
        if (bytes > 0 && (prefix.endsWith('/') || key.startsWith(`${prefix}/`))) {
          files.push({ bucket, key, etag, bytes });
        }
      }
    }
  } catch (error) {
    if (error instanceof S3ServiceException) throw s3Error(error, location);
    throw error;
  }
  return files;
}

/** Spectrum's error for an error of S3. */
export function s3Error(error: S3ServiceException, address: string): WarehouseError {
  const status = String(error.$metadata.httpStatusCode ?? 'none');
  return new WarehouseError(
    'Spectrum Scan Error',
    `S3ServiceException:${error.message},Status ${status},Error ${error.name}, reading ${address}`,
  );
}

/** Spectrum's error for a file whose content it cannot read or convert. */
export function scanError(context: string, address: string): WarehouseError {
  return computeError('Spectrum Scan Error', 15_007, `${context}, File name: ${address}`);
}
