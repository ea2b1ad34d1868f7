/** The emulated part of s3-dist-cp's command line (EMRRG/UsingEMR_s3distcp). */
import { parseLocation, type Location } from './location.ts';
import { groupPattern, pathPattern } from './path-pattern.ts';

export interface DistCpArguments {
  readonly src: Location;
  readonly dest: Location;
  readonly srcPattern: RegExp | undefined;
  /** Its capture groups are the name of the file into which all that match are concatenated. */
  readonly groupBy: RegExp | undefined;
  /** The size from which a concatenated file is continued in another. */
  readonly targetBytes: number | undefined;
  /** Undefined: files keep their compression. */
  readonly outputCodec: 'gz' | 'none' | undefined;
  readonly deleteOnSuccess: boolean;
}

const WITH_VALUE = new Set([
  ...['--src', '--dest', '--srcPattern', '--groupBy', '--targetSize', '--outputCodec'],
  '--multipartUploadChunkSize',
]);
const ALONE = new Set(['--deleteOnSuccess', '--disableMultipartUpload']);

const CODECS: Readonly<Record<string, DistCpArguments['outputCodec']>> = {
  gz: 'gz',
  gzip: 'gz',
  none: 'none',
  keep: undefined,
};

/** Parses `--src x` and `--src=x`. @throws an error that names an unsupported option or one without a value. */
export function parseDistCp(args: readonly string[]): DistCpArguments {
  const values = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    const equals = argument.indexOf('=');
    const name = equals === -1 ? argument : argument.slice(0, equals);
    if (ALONE.has(argument)) {
      values.set(argument, '');
      continue;
    }
    if (!WITH_VALUE.has(name)) {
      throw new Error(
        `s3-dist-cp: the local cloud does not support ${name === '' ? 'an empty argument' : name}; supported are ${[...WITH_VALUE, ...ALONE].join(', ')}`,
      );
    }
    const value = equals === -1 ? args[(index += 1)] : argument.slice(equals + 1);
    if (value === undefined || value === '') throw new Error(`s3-dist-cp: ${name} needs a value`);
    values.set(name, value);
  }
  const [srcPattern, groupBy] = [values.get('--srcPattern'), values.get('--groupBy')];
  return {
    src: location(values, '--src'),
    dest: location(values, '--dest'),
    srcPattern: srcPattern === undefined ? undefined : pathPattern('--srcPattern', srcPattern),
    groupBy: groupBy === undefined ? undefined : groupPattern('--groupBy', groupBy),
    targetBytes: targetBytes(values.get('--targetSize')),
    outputCodec: codec(values.get('--outputCodec')),
    deleteOnSuccess: values.has('--deleteOnSuccess'),
  };
}

function targetBytes(mebibytes: string | undefined): number | undefined {
  if (mebibytes === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(mebibytes)) {
    throw new Error(`s3-dist-cp: --targetSize is a whole number of MiB, not '${mebibytes}'`);
  }
  return Number(mebibytes) * 1024 ** 2;
}

function codec(name: string | undefined): DistCpArguments['outputCodec'] {
  if (name === undefined) return undefined;
  if (!Object.hasOwn(CODECS, name)) {
    throw new Error(
      `s3-dist-cp: the local cloud does not support --outputCodec ${name}; supported are ${Object.keys(CODECS).join(', ')}`,
    );
  }
  return CODECS[name];
}

function location(values: ReadonlyMap<string, string>, name: string): Location {
  const value = values.get(name);
  if (value === undefined) throw new Error(`s3-dist-cp: ${name} is required`);
  const parsed = parseLocation(value);
  // "S3DistCp does not support Amazon S3 bucket names that contain the underscore character."
  if (parsed.kind === 's3' && parsed.bucket.includes('_')) {
    throw new Error(
      `s3-dist-cp: ${name} names bucket ${parsed.bucket}; names with _ are not supported`,
    );
  }
  return parsed;
}
