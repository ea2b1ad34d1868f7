import { type Ds, parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import type { SourceDigest } from '@user-behaviour/shared/manifest/source-state';
import { createLog } from '@user-behaviour/shared/runner/log';
import { describe, expect, it, onTestFinished } from 'vitest';
import { daysToExtract, lookAtDays, tellLook } from './look.ts';

const days = ['01', '02', '03', '04', '05', '06', '07'].map((day) => parseDs(`2010-12-${day}`));
const digest = (rows: number, hash: string): SourceDigest => ({ rows, hash });
const now = digest(2, 'selected:00000000000000aa');

/** What is published of each day; null without a digest. */
const published: Readonly<Record<string, SourceDigest | null>> = {
  '2010-12-01': now,
  '2010-12-02': digest(2, 'selected:00000000000000bb'),
  '2010-12-03': digest(3, 'text:00000000000000aa'),
  // As an older release published it.
  '2010-12-04': digest(2, 'record:00000000000000aa'),
  '2010-12-05': null,
};

const parametersOf = (ds: Ds) =>
  ds === '2010-12-05' ? {} : { minQuantity: ds.endsWith('4') ? 5 : 2 };

let isEarly = false;
/** The first day may have been read before it was over. */
const startOf = (ds: Ds) =>
  new Date(ds === '2010-12-01' && isEarly ? '2010-12-01T23:15' : '2010-12-08');

function read(_dataset: unknown, ds: Ds) {
  if (ds === '2010-12-07') return Promise.reject(new Failure('data', 'not JSON'));
  const known = published[ds];
  if (known === undefined) return Promise.resolve(undefined);
  const draft = {
    ...{
      dataset: 'user_purchase/stage' as const,
      ds,
      run: 'r',
      parameters: parametersOf(ds),
      upstream: [],
    },
    ...{ job: { name: 'j', version: '1' }, files: [], source: known && { digest: known } },
    ...{ startedAt: startOf(ds), finishedAt: new Date('2010-12-08') },
  };
  return Promise.resolve({ manifest: completeManifest(draft as never, 1), etag: '"e"' });
}

const silent = { write: () => true } as never;
const asked: unknown[] = [];
const source = {
  digests: (...given: unknown[]) => {
    asked.push(given);
    return Promise.resolve(() => now);
  },
};
const look = () =>
  lookAtDays(days, { source, store: { read }, now: () => new Date('2010-12-07T10:00:00Z') });

describe('a look', () => {
  it('tells of each day whether the source differs from what is published', async () => {
    const told = (await look()).map(tellLook);
    expect(told.map((day) => ('error' in day ? 'unreadable' : day['verdict']))).toEqual([
      'same',
      'changed',
      // Another number of rows is a change, however they were hashed.
      'changed',
      'unknown',
      'unknown',
      'missing',
      'unreadable',
    ]);
    expect(told[1]).toEqual({
      ...{ status: 'looked', verdict: 'changed', ...now },
      published: published['2010-12-02'],
    });
  });

  it('is one scan, of what each day has published, of a replica that has replayed the last day that is over', async () => {
    asked.splice(0);
    await look();
    const minQuantities = [2, 2, 2, 5, 0, 0, 0];
    const selections = days.map((ds, at) => ({ ds, minQuantity: minQuantities[at] }));
    expect(asked).toEqual([[selections, '2010-12-06']]);
  });

  it('leads to an extraction of what has changed, and of what nobody can tell', async () => {
    const log: string[] = [];
    const stream = { write: (line: string) => log.push(line) };
    const due = daysToExtract(await look(), createLog('j', 'json', stream, 'info'));
    expect(due).toEqual(['2010-12-02', '2010-12-03', '2010-12-04', '2010-12-05']);
    expect(log.join('')).toContain('cannot look back at the day: not JSON');
  });

  it('leads to another extraction of a day that was read before it was over, even if it is the same', async () => {
    isEarly = true;
    onTestFinished(() => {
      isEarly = false;
    });
    const [day] = await look();
    expect(day).toMatchObject({ verdict: 'same', isUnfinished: true });
    expect(
      daysToExtract(day === undefined ? [] : [day], createLog('j', 'json', silent, 'info')),
    ).toEqual(['2010-12-01']);
  });

  it('fails if S3 does', async () => {
    const store = { read: () => Promise.reject(new Failure('transient', 'no answer')) };
    await expect(lookAtDays(days, { source, store, now: () => new Date() })).rejects.toThrow(
      'no answer',
    );
  });
});
