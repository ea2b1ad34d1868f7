import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it } from 'vitest';
import { keys } from '../src/context.ts';
import { exampleContext, exampleParts } from './example-parts.ts';

/** What is wrong with these values, besides the example's. */
function faultsOf(values: Readonly<Record<string, unknown>>): string {
  try {
    exampleContext(values);
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ kind: 'configuration', exit: 78 });
    return (error as Failure).message;
  }
  return '';
}

describe('the context', () => {
  it('has defaults for all but four keys', () => {
    expect(exampleContext()).toMatchObject({
      source: 'demo',
      historyStart: '2010-12-01',
      zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      hourly: false,
      removable: false,
      emptyBuckets: false,
      lakeFormation: false,
    });
    const missing = faultsOf({ account: undefined, region: undefined, email: undefined, tag: '' });
    for (const name of ['account', 'region', 'email']) {
      expect(missing).toContain(`${name} is missing: expected`);
    }
    expect(missing).toContain('tag is wrong: expected');
  });

  it.each(Object.entries(keys).filter(([, { example }]) => !example.includes('…')))(
    'takes the example of %s, as text as well',
    (name, { example }) => {
      const reviews = { reviews: keys.reviews.example };
      const source = name === 'capture' ? { source: keys.source.example } : {};
      expect(faultsOf({ ...reviews, ...source, [name]: example })).toBe('');
    },
  );

  it.each([
    ['account', '1234', 'account is wrong: expected the 12 digits'],
    ['region', 'Virginia', 'region is wrong: expected a Region, e.g. us-east-1'],
    ['email', 'me', 'email is wrong'],
    ['tag', 'a b', 'tag is wrong'],
    ['source', 'postgres://u:p@h/d', 'source is wrong: expected demo, or the ARN of a secret'],
    ['reviews', '/reviews.csv', 'reviews is wrong'],
    ['capture', 'true', 'capture is wrong: expected the ARN of a secret as of source'],
    ['capture', keys.capture.example, 'capture is for a source of your own: expected source to be'],
    ['expires', 'tomorrow', 'expires is wrong'],
    ['variables', '{"emr-clean": {"a b": "1"}}', 'variables.emr-clean.a b is wrong'],
    ['variables', '{"emr": {}}', 'variables is wrong: expected variables of jobs'],
    ['removable', 'yes', 'removable is wrong: expected true'],
    ['zones', 'us-east-1a,us-east-1b', 'zones is wrong: expected three'],
    [
      'storage',
      '{"bucketName": "b"}',
      'storage.logsBucketName, storage.repositoryPrefix are wrong',
    ],
    ['storage', '{', 'storage is wrong: expected what stack user-behaviour-storage would make'],
    ['acount', '1', 'acount is unknown: expected one of account, region'],
  ])('refuses %s = %s', (name, value, fault) => {
    expect(faultsOf({ [name]: value })).toContain(fault);
  });

  it('tells all faults at once, and no value', () => {
    const message = faultsOf({ account: 'secret-1', region: 'secret-2' });
    expect(message).toMatch(/account is wrong.*region is wrong/);
    expect(message).not.toContain('secret-');
  });

  it('needs the vendor’s file for a source of your own', () => {
    const source = keys.source.example;
    expect(faultsOf({ source })).toContain('reviews is missing: source is not demo');
    expect(faultsOf({ source, reviews: 's3://vendor/{ds}.csv' })).toBe('');
  });

  it('takes parts as objects of cdk.context.json and as text of --context', () => {
    const { storage } = exampleParts;
    expect(exampleContext({ storage }).storage).toEqual(storage);
    expect(exampleContext({ storage: JSON.stringify(storage) }).storage).toEqual(storage);
  });

  it('takes zones as a list of cdk.context.json and as text of --context', () => {
    const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
    for (const given of [zones, zones.join(','), JSON.stringify(zones)]) {
      expect(exampleContext({ zones: given }).zones).toEqual(zones);
    }
  });

  it('leaves the keys of the CDK alone', () => {
    const foreign = { '@aws-cdk/core:x': true, 'aws:cdk:y': 1, 'cli-telemetry': false };
    expect(faultsOf(foreign)).toBe('');
  });

  it.each([
    ['3d', '2026-12-02'],
    ['40d', '2027-01-08'],
    ['2026-12-31', '2026-12-31'],
    [undefined, undefined],
  ])('counts days of %s from today', (expires, date) => {
    expect(exampleContext({ expires }).expires).toBe(date);
  });

  it('has no schedule for the demo, nor once it has ended', () => {
    const own = { source: keys.source.example, reviews: keys.reviews.example };
    const isScheduled = (values: object) => exampleContext({ ...values }).isScheduled;
    expect(isScheduled(own)).toBe(true);
    expect(isScheduled({ ...own, expires: '2026-11-30' })).toBe(true);
    expect(isScheduled({ ...own, expires: '2026-11-29' })).toBe(false);
    expect(isScheduled({ source: 'demo' })).toBe(false);
  });

  it('empties buckets if data may be removed, unless it is told otherwise', () => {
    expect(exampleContext({ removable: 'true' }).emptyBuckets).toBe(true);
    expect(exampleContext({ removable: 'true', emptyBuckets: 'false' }).emptyBuckets).toBe(false);
  });

  it('is the same on the same day', () => {
    expect(exampleContext({ expires: '3d' })).toEqual(exampleContext({ expires: '3d' }));
  });
});
