import { describe, expect, it } from 'vitest';
import { below, hdfsFile, parseLocation, showLocation } from './location.ts';

describe('addresses', () => {
  it.each([
    ['s3://bucket/a/b.txt', { kind: 's3', bucket: 'bucket', key: 'a/b.txt' }],
    ['s3a://bucket', { kind: 's3', bucket: 'bucket', key: '' }],
    ['hdfs:///a//b/', { kind: 'hdfs', path: '/a/b/' }],
    ['hdfs://local:8020/a', { kind: 'hdfs', path: '/a' }],
    ['/a/./b', { kind: 'hdfs', path: '/a/b' }],
  ])('%s', (address, location) => {
    expect(parseLocation(address)).toEqual(location);
  });

  it.each(['file:///etc/passwd', 'relative/path', '', 's3://'])('rejects %s', (address) => {
    expect(() => parseLocation(address)).toThrow(/is not an address/);
  });

  it.each(['hdfs:///a/../../etc', '/..', 'hdfs:///a/..'])(
    'cannot escape from HDFS with %s',
    (address) => {
      expect(() => parseLocation(address)).toThrow(/leads out/);
    },
  );

  it('cannot escape from HDFS with an object key', () => {
    const hdfs = parseLocation('hdfs:///in');
    expect(() => below(hdfs, '../../etc/passwd')).toThrow(/leads out/);
    expect(() => hdfsFile('/state/hdfs', '/a/../..')).toThrow(/leads out/);
  });
});

it('finds files below a folder', () => {
  expect(showLocation(below(parseLocation('s3://b/p'), 'x/y'))).toBe('s3://b/p/x/y');
  expect(showLocation(below(parseLocation('s3://b/p/'), 'x'))).toBe('s3://b/p/x');
  expect(showLocation(below(parseLocation('s3://b'), 'x'))).toBe('s3://b/x');
  expect(showLocation(below(parseLocation('hdfs:///p'), 'x'))).toBe('hdfs:///p/x');
  expect(hdfsFile('/state/hdfs', '/p/x')).toBe('/state/hdfs/p/x');
});
