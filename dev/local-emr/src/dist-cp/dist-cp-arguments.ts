/** The emulated part of s3-dist-cp's command line (EMRRG/UsingEMR_s3distcp). */
import { parseLocation, type Location } from './location.ts';
import { pathPattern } from './path-pattern.ts';

export interface DistCpArguments {
  readonly src: Location;
  readonly dest: Location;
  readonly srcPattern: RegExp | undefined;
}

const SUPPORTED = new Set(['--src', '--dest', '--srcPattern']);

/** Parses `--src x` and `--src=x`. @throws an error that names an unsupported option or one without a value. */
export function parseDistCp(args: readonly string[]): DistCpArguments {
  const values = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    const equals = argument.indexOf('=');
    const name = equals === -1 ? argument : argument.slice(0, equals);
    if (!SUPPORTED.has(name)) {
      throw new Error(
        `s3-dist-cp: the local cloud does not support ${name === '' ? 'an empty argument' : name}; supported are ${[...SUPPORTED].join(', ')}`,
      );
    }
    const value = equals === -1 ? args[(index += 1)] : argument.slice(equals + 1);
    if (value === undefined || value === '') throw new Error(`s3-dist-cp: ${name} needs a value`);
    values.set(name, value);
  }
  const pattern = values.get('--srcPattern');
  return {
    src: location(values, '--src'),
    dest: location(values, '--dest'),
    srcPattern: pattern === undefined ? undefined : pathPattern(pattern),
  };
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
