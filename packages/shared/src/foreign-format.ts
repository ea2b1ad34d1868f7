/** Tells by its first bytes that a file is not plain text in UTF-8, and what it is. */

/** Longer marks first. */
const formats: readonly (readonly [string, readonly number[]])[] = [
  ['UTF-32', [0xff, 0xfe, 0, 0]],
  ['UTF-32', [0, 0, 0xfe, 0xff]],
  ['a ZIP archive', [0x50, 0x4b, 3, 4]],
  ['compressed with zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['compressed with xz', [0xfd, 0x37, 0x7a, 0x58]],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]],
  ['compressed with bzip2', [0x42, 0x5a, 0x68]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
];

/** In bytes. */
export const longestMark = 4;

export const startsWith = (start: Uint8Array, mark: readonly number[]): boolean =>
  mark.every((byte, at) => start[at] === byte);

/** The format's name as in `the file is …`; undefined for text and for gzip. */
export const foreignFormat = (start: Uint8Array): string | undefined =>
  formats.find(([, mark]) => startsWith(start, mark))?.[0];
