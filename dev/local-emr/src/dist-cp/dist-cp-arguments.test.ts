import { describe, expect, it } from 'vitest';
import { parseDistCp } from './dist-cp-arguments.ts';
import { pathPattern } from './path-pattern.ts';

const S3 = { kind: 's3', bucket: 'b', key: 'x' };
const HDFS = { kind: 'hdfs', path: '/y' };

describe('s3-dist-cp', () => {
  it.each([
    [['--src', 's3://b/x', '--dest', 'hdfs:///y']],
    [['--dest=hdfs:///y', '--src=s3://b/x']],
    [['--src=s3://b/x', '--dest', '/y']],
  ])('parses %j', (args) => {
    expect(parseDistCp(args)).toEqual({ src: S3, dest: HDFS, srcPattern: undefined });
  });

  it.each([
    [['--src', 's3://b/x'], '--dest is required'],
    [['--src'], '--src needs a value'],
    [['--src='], '--src needs a value'],
    [
      ['--src', 's3://b/x', '--dest', '/y', '--deleteOnSuccess'],
      'does not support --deleteOnSuccess',
    ],
    [['--src', 's3://b/x', '--dest', '/y', '--outputCodec=gz'], 'does not support --outputCodec'],
    [['--src', 's3://b_c/x', '--dest', '/y'], 'names with _ are not supported'],
    [['--src', 'file:///x', '--dest', '/y'], 'is not an address'],
  ])('rejects %j', (args, message) => {
    expect(() => parseDistCp(args)).toThrow(message);
  });
});

describe('--srcPattern', () => {
  it('must match the whole path', () => {
    expect(pathPattern('.*\\.csv').test('s3://b/a/x.csv')).toBe(true);
    expect(pathPattern('.*\\.csv').test('s3://b/a/x.csv.gz')).toBe(false);
    expect(pathPattern('x').test('s3://b/x')).toBe(false);
    expect(pathPattern('.*a|.*b').test('s3://b/xa!')).toBe(false);
    expect(pathPattern('(?i).*\\.CSV').test('s3://b/x.csv')).toBe(true);
  });

  it.each(['(', '.*\\Qa.b\\E', '.*+', '\\p{Alpha}+', '[a-z&&[^b]]*'])(
    'rejects %s rather than misinterpreting it',
    (pattern) => {
      expect(() => pathPattern(pattern)).toThrow(/--srcPattern/);
    },
  );
});
