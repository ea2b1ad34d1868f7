/** The S3 addresses of external tables. */
import type { TokenCursor } from '../sql/token-cursor.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

const pattern = /^s3:\/\/([^/]+)\/(.+)$/;

/** Parses the next address of a statement. @throws WarehouseError unless it is `s3://bucket/…`. */
export function readLocation(cursor: TokenCursor): string {
  const value = cursor.string();
  if (!pattern.test(value)) {
    throw new WarehouseError(`invalid location "${value}", expected s3://bucket/folder/`);
  }
  return value;
}

/** The bucket and the key or key prefix of an address that `readLocation` accepted. */
export function splitLocation(location: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = pattern.exec(location) ?? [];
  return { bucket, key };
}
