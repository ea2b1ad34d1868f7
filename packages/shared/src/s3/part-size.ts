const mebibyte = 1024 * 1024;

/**
 * The size in bytes of the n-th part (from 1) of an upload of unknown length. S3 accepts 10,000 parts
 * of 5 MiB to 5 GiB. Doubling the size every 1,000 parts allows S3's largest object (5 TiB), and small
 * uploads need little memory.
 */
export function partSize(part: number): number {
  return 8 * mebibyte * 2 ** Math.floor((part - 1) / 1_000);
}
