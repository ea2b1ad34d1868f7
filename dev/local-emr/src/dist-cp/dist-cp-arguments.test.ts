import { describe, expect, it } from 'vitest';
import { parseDistCp } from './dist-cp-arguments.ts';
import { pathPattern } from './path-pattern.ts';

const S3 = { kind: 's3', bucket: 'b', key: 'x' };
const COPY = ['--src', 's3://b/x', '--dest', '/y'];
const HDFS = { kind: 'hdfs', path: '/y' };

describe('s3-dist-cp', () => {
  it.each([
    [['--src', 's3://b/x', '--dest', 'hdfs:///y']],
    [['--dest=hdfs:///y', '--src=s3://b/x']],
    [['--src=s3://b/x', '--dest', '/y']],
  ])('parses %j', (args) => {
    expect(parseDistCp(args)).toMatchObject({ src: S3, dest: HDFS, deleteOnSuccess: false });
  });

  it.each([
    [['--src', 's3://b/x'], '--dest is required'],
    [['--src'], '--src needs a value'],
    [['--src='], '--src needs a value'],
    [['--appendToLastFile'], 'does not support --appendToLastFile'],
    [['--srcPrefixesFile', 's3://b/list'], 'does not support --srcPrefixesFile'],
    [['--copyFromManifest'], 'does not support --copyFromManifest'],
    [[...COPY, '--outputCodec=lzo'], 'does not support --outputCodec lzo'],
    [[...COPY, '--outputCodec=toString'], 'does not support --outputCodec toString'],
    [[...COPY, '--targetSize', '1.5'], '--targetSize is a whole number of MiB'],
    [[...COPY, '--groupBy', '.*csv'], "--groupBy '.*csv' has no group"],
    [[...COPY, '--groupBy', '(?:a)'], 'has no group'],
    [[...COPY, '--groupBy', '('], 'is not a regular expression'],
    [['--src', 's3://b_c/x', '--dest', '/y'], 'names with _ are not supported'],
    [['--src', 'file:///x', '--dest', '/y'], 'is not an address'],
  ])('rejects %j', (args, message) => {
    expect(() => parseDistCp(args)).toThrow(message);
  });
});

it('parses the other options', () => {
  const more = ['--deleteOnSuccess', '--disableMultipartUpload', '--targetSize=2'];
  expect(parseDistCp([...COPY, ...more, '--groupBy', '(a)', '--outputCodec', 'gzip'])).toEqual({
    src: S3,
    dest: HDFS,
    srcPattern: undefined,
    groupBy: /^(?:(a))$/,
    targetBytes: 2 * 1024 * 1024,
    outputCodec: 'gz',
    deleteOnSuccess: true,
  });
});

describe('--srcPattern', () => {
  it('must match the whole path', () => {
    expect(pathPattern('--srcPattern', '.*\\.csv').test('s3://b/a/x.csv')).toBe(true);
    expect(pathPattern('--srcPattern', '.*\\.csv').test('s3://b/a/x.csv.gz')).toBe(false);
    expect(pathPattern('--srcPattern', 'x').test('s3://b/x')).toBe(false);
    expect(pathPattern('--srcPattern', '.*a|.*b').test('s3://b/xa!')).toBe(false);
    expect(pathPattern('--srcPattern', '(?i).*\\.CSV').test('s3://b/x.csv')).toBe(true);
  });

  it.each(['(', '.*\\Qa.b\\E', '.*+', '\\p{Alpha}+', '[a-z&&[^b]]*'])(
    'rejects %s rather than misinterpreting it',
    (pattern) => {
      expect(() => pathPattern('--srcPattern', pattern)).toThrow(/--srcPattern/);
    },
  );
});
