const mebibyte = 1024 * 1024;

/**
 * Bytes of the n-th part (from 1) of an upload of unknown length. S3 takes 10,000 parts of 5 MiB to
 * 5 GiB; doubling every 1,000 parts reaches S3's largest object (5 TiB) and keeps small uploads small.
 */
export function partSize(part: number): number {
  return 8 * mebibyte * 2 ** Math.floor((part - 1) / 1_000);
}
