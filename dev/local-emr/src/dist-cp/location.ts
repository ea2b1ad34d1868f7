/** The file addresses of steps: s3://bucket/key and hdfs:///path. HDFS is a directory of this machine. */
import { join, posix } from 'node:path';

export type Location =
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string }
  /** An absolute path without `.` and `..`. */
  | { readonly kind: 'hdfs'; readonly path: string };

const S3 = /^s3[an]?:\/\/([^/]+)(?:\/(.*))?$/s;
const HDFS = /^hdfs:\/\/[^/]*(\/.*)?$/s;

/** A path without a scheme is in HDFS, the cluster's default file system. @throws on any other scheme. */
export function parseLocation(address: string): Location {
  const s3 = S3.exec(address);
  if (s3 !== null) return { kind: 's3', bucket: s3[1] ?? '', key: s3[2] ?? '' };
  const path = address.startsWith('/') ? address : HDFS.exec(address)?.slice(1)[0];
  if (path === undefined) {
    throw new Error(`'${address}' is not an address of the form s3://bucket/key or hdfs:///path`);
  }
  return { kind: 'hdfs', path: inner(path) };
}

/** The path on this machine of a path in HDFS. @throws if it leads out of the directory. */
export function hdfsFile(hdfsDir: string, path: string): string {
  return join(hdfsDir, ...inner(path).split('/'));
}

export const showLocation = (location: Location): string =>
  location.kind === 's3' ? `s3://${location.bucket}/${location.key}` : `hdfs://${location.path}`;

/** The location of a file below a directory. */
export function below(directory: Location, relative: string): Location {
  if (directory.kind === 'hdfs') {
    return { kind: 'hdfs', path: inner(`${directory.path}/${relative}`) };
  }
  const { key } = directory;
  const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
  return { ...directory, key: `${prefix}${relative}` };
}

function inner(path: string): string {
  if (path.split('/').includes('..') || path.includes('\0')) {
    throw new Error(`'${path}' leads out of its directory`);
  }
  return posix.normalize(`/${path}`);
}
