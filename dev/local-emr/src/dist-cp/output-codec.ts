/** --outputCodec: recompresses while copying. The extension of a file says how it is compressed, as in Hadoop. */
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { CopySource } from './copy-source.ts';

/** Hadoop reads these; here only gzip can be read. */
const UNREADABLE = /\.(?:bz2|deflate|lz4|lzo|snappy|zst)$/;

type Codec = 'gz' | 'none';

/** The source with another compression and name. Its size is not known before it is written. */
export const recompressed =
  (codec: Codec) =>
  (source: CopySource): CopySource => {
    if (UNREADABLE.test(source.address)) {
      throw new Error(
        `s3-dist-cp: the local cloud cannot decompress ${source.address}; omit --outputCodec`,
      );
    }
    const isGzip = source.address.endsWith('.gz');
    return {
      ...renamed(codec)(source),
      isResized: true,
      open: async (signal) => {
        const read = await source.open(signal);
        const plain = isGzip ? piped(read, createGunzip()) : read;
        return codec === 'gz' ? piped(plain, createGzip()) : plain;
      },
    };
  };

/** The source with a name that has the extension of the codec. */
export const renamed =
  (codec: Codec) =>
  (source: CopySource): CopySource => ({
    ...source,
    relative: source.relative.replace(/\.gz$/, '') + (codec === 'gz' ? '.gz' : ''),
  });

/** An error of the source appears in the result. */
const piped = (from: Readable, to: Transform): Readable => pipeline(from, to, () => undefined);
