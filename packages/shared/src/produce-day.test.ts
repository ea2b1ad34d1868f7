import { describe, expect, it } from 'vitest';
import { failureOf } from '../test/failing.ts';
import { InMemoryS3 } from '../test/in-memory-s3.ts';
import { parseDs } from './ds.ts';
import { completeManifest } from './manifest/manifest.ts';
import { ManifestStore, type Published, upstreamOf } from './manifest/manifest-store.ts';
import type { Parameters } from './manifest/staleness.ts';
import { produceDay, type Product, type Target } from './produce-day.ts';
import { DayNotes } from './runner/day-record.ts';
import { createLog } from './runner/log.ts';

const dataset = 'user_purchase/stage';
const ds = parseDs('2010-12-01');
const keyOf = (run: string) => `${dataset}/${ds}/${run}/a.csv`;

interface Options {
  readonly parameters?: Parameters;
  readonly upstream?: readonly Published[];
  /** The time by the session's clock at which the input arrives. */
  readonly inputAt?: number;
  readonly force?: boolean;
  readonly completeUntil?: Date;
  readonly facts?: Target['facts'];
  /** Runs while the file is being produced. */
  readonly duringUpload?: () => Promise<unknown>;
}

/** A bucket in which each run produces one file with this content. */
function fixture() {
  const s3 = new InMemoryS3();
  const store = new ManifestStore(s3.client, 'stages');
  const logged: string[] = [];
  const log = createLog('j', 'json', { write: (line: string) => logged.push(line) }, 'info');
  const discarded: string[] = [];
  const produced: string[] = [];
  const record = new DayNotes();
  let time = 0;
  const produce = (run: string, content: string, options: Options = {}) =>
    produceDay(
      { ds, run, log, record },
      {
        store,
        dataset,
        parameters: options.parameters ?? {},
        ...(options.upstream && { upstream: options.upstream }),
        session: {
          parallel: 1,
          wait: 0,
          dryRun: false,
          force: options.force ?? false,
          flags: new Set(),
          log,
          signal: new AbortController().signal,
          now: () => new Date(time),
          job: { name: 'extract-purchases', version: '1' },
        },
        discard: (files) => {
          discarded.push(...files.map(({ key }) => key));
          return Promise.resolve();
        },
        ...(options.facts && { facts: options.facts }),
      },
      async (): Promise<Product> => {
        produced.push(run);
        const key = keyOf(run);
        s3.put(key, content);
        await options.duringUpload?.();
        const sha256 = Buffer.from(content).toString('hex').padEnd(64, '0');
        const files = [{ key, bytes: content.length, rows: content.length, sha256 }];
        return {
          files,
          ...(options.upstream && { upstream: options.upstream.map(upstreamOf) }),
          completeUntil: options.completeUntil,
          ...(options.inputAt !== undefined && { startedAt: new Date((time = options.inputAt)) }),
        };
      },
    );
  return { s3, store, produce, discarded, produced, logged, record };
}

describe('produceDay', () => {
  it('produces and publishes a day', async () => {
    const { produce, discarded, logged } = fixture();
    expect(await produce('one', 'abc')).toEqual({
      status: 'published',
      publishedRun: 'one',
      generation: 1,
      rows: 3,
      rejected: 0,
      bytes: 3,
    });
    expect(discarded).toEqual([]);
    expect(logged.join('')).toContain('3 purchases: published');
  });

  it('notes what shapes the data, also of a day that fails', async () => {
    const { produce, record } = fixture();
    const duringUpload = () => Promise.reject(new Error('no'));
    const failing = produce('one', 'abc', { parameters: { minQuantity: 2 }, duringUpload });
    await expect(failing).rejects.toThrow('no');
    expect(record.facts).toEqual({ parameters: { minQuantity: 2 } });
  });

  it('starts when its input has arrived', async () => {
    const { store, produce } = fixture();
    await produce('one', 'abc', { inputAt: 5_000 });
    expect((await store.read(dataset, ds))?.manifest).toMatchObject({
      startedAt: new Date(5_000).toISOString(),
    });
  });

  it('logs and returns the facts of its stage', async () => {
    const { produce, logged } = fixture();
    const facts: Target['facts'] = (status) => ({ minQuantity: 2, status });
    for (const status of ['published', 'unchanged']) {
      expect(await produce('one', 'abc', { facts })).toMatchObject({ status, minQuantity: 2 });
      expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({ status, minQuantity: 2, rows: 3 });
    }
  });

  it('publishes the same content again with --force, but not the same run', async () => {
    const { store, produce, discarded, produced } = fixture();
    await produce('one', 'abc');
    expect(await produce('two', 'abc', { force: true })).toMatchObject({
      status: 'published',
      publishedRun: 'two',
      generation: 2,
    });
    expect(await produce('two', 'abc', { force: true })).toMatchObject({ status: 'unchanged' });
    expect([produced, discarded]).toEqual([['one', 'two'], []]);
    const current = await store.read(dataset, ds);
    const upstream = current === undefined ? [] : [current];
    await produce('three', 'abc', { upstream });
    expect(await produce('four', 'abc', { upstream, force: true })).toMatchObject({
      status: 'published',
      publishedRun: 'four',
    });
  });

  it('publishes the same content again when a partial day is complete', async () => {
    const { store, produce } = fixture();
    const completeUntil = new Date('2010-12-01T10:15:00Z');
    const published = async () => (await store.read(dataset, ds))?.manifest.completeUntil;
    expect(await produce('one', 'abc', { completeUntil })).toMatchObject({
      status: 'published',
      completeUntil: '2010-12-01T10:15:00.000Z',
    });
    expect(await published()).toBe('2010-12-01T10:15:00.000Z');
    const over = Date.parse('2010-12-02T00:15:00Z');
    const again = await produce('two', 'abc', { inputAt: over });
    expect(again).toMatchObject({ status: 'published', generation: 2 });
    expect(again).not.toHaveProperty('completeUntil');
    expect(await published()).toBeUndefined();
    expect(await produce('three', 'abc', { inputAt: over })).toMatchObject({
      status: 'unchanged',
    });
  });

  it('removes the files if their content is published already (I3)', async () => {
    const { produce, discarded, logged } = fixture();
    await produce('one', '');
    expect(await produce('two', '')).toMatchObject({ status: 'unchanged', publishedRun: 'one' });
    expect(discarded).toEqual([keyOf('two')]);
    expect(logged.at(-1)).toContain('no purchases on this day: nothing has changed');
  });
});

describe('produceDay, when another run is published in the meantime (I2)', () => {
  it('changes nothing if that run has the same content', async () => {
    const { produce, discarded, produced } = fixture();
    const lost = await produce('one', 'abc', { duringUpload: () => produce('two', 'abc') });
    expect(lost).toMatchObject({ status: 'unchanged', publishedRun: 'two' });
    expect([produced, discarded]).toEqual([['one', 'two'], [keyOf('one')]]);
  });

  it.each<[string, string, Parameters]>([
    ['content', 'newer rows', {}],
    ['parameters', 'xyz', { minQuantity: 5 }],
  ])('starts over if that run has other %s', async (_, content, parameters) => {
    const { store, produce, discarded, produced, logged } = fixture();
    const won = await produce('one', content, {
      parameters,
      duringUpload: () => produce('two', 'xyz'),
    });
    expect(won).toMatchObject({ status: 'published', publishedRun: 'one', generation: 2 });
    expect((await store.read(dataset, ds))?.manifest).toMatchObject({ run: 'one', parameters });
    expect(produced).toEqual(['one', 'two', 'one']);
    expect(discarded).toEqual([keyOf('one')]);
    expect(logged.join('')).toContain('starting over');
  });

  it('fails as transient after three rounds, and removes its files', async () => {
    const { store, produce, discarded, produced } = fixture();
    let others = 0;
    const failure = await failureOf(() =>
      produce('one', 'abc', {
        duringUpload: () => produce(`other-${String((others += 1))}`, 'x'.repeat(others)),
      }),
    );
    expect([failure.kind, failure.exit]).toEqual(['transient', 75]);
    expect(failure.message).toContain('run one of user_purchase/stage of 2010-12-01');
    expect(produced.filter((run) => run === 'one')).toHaveLength(3);
    expect(discarded.filter((key) => key === keyOf('one'))).toHaveLength(3);
    expect((await store.read(dataset, ds))?.manifest.run).toBe('other-3');
  });
});

describe('produceDay with an upstream', () => {
  const upstream = (run: string): Published => ({
    manifest: completeManifest(
      {
        dataset: 'movie_review/load',
        ds,
        run,
        job: { name: 'stage-reviews', version: '1' },
        parameters: {},
        upstream: [],
        files: [],
        startedAt: new Date(0),
        finishedAt: new Date(0),
      },
      1,
    ),
    etag: `"${run}"`,
  });

  it('produces nothing while the result is current', async () => {
    const { produce, produced } = fixture();
    await produce('one', 'abc', { upstream: [upstream('r1')] });
    const again = await produce('two', 'other', { upstream: [upstream('r1')] });
    expect(again).toMatchObject({ status: 'unchanged', publishedRun: 'one', rows: 3 });
    expect(produced).toEqual(['one']);
  });

  it('produces again if the upstream or a parameter has changed', async () => {
    const { produce, produced } = fixture();
    await produce('one', 'abc', { upstream: [upstream('r1')] });
    await produce('two', 'abc', { upstream: [upstream('r2')] });
    await produce('three', 'abc', { upstream: [upstream('r2')], parameters: { format: 'csv' } });
    expect(produced).toEqual(['one', 'two', 'three']);
  });

  it('is superseded by a run that made the day from the same input, whatever its bytes', async () => {
    const { produce, discarded } = fixture();
    const options = { upstream: [upstream('r1')] };
    const lost = await produce('one', 'abc', {
      ...options,
      duringUpload: () => produce('two', 'xyz', options),
    });
    expect(lost).toMatchObject({ status: 'superseded', publishedRun: 'two' });
    expect(discarded).toEqual([keyOf('one')]);
  });

  it('produces again if a published file is gone', async () => {
    const { s3, produce } = fixture();
    await produce('one', 'abc', { upstream: [upstream('r1')] });
    s3.objects.delete(keyOf('one'));
    const again = await produce('two', 'abc', { upstream: [upstream('r1')] });
    expect(again).toMatchObject({ status: 'published', publishedRun: 'two' });
  });
});

describe('produceDay with the --run-id of a published run', () => {
  it('produces nothing (I1)', async () => {
    const { produce, discarded, produced } = fixture();
    await produce('one', 'abc', { parameters: { minQuantity: 2, format: 'csv' } });
    const again = await produce('one', 'other', { parameters: { format: 'csv', minQuantity: 2 } });
    expect(again).toMatchObject({ status: 'unchanged', publishedRun: 'one', rows: 3 });
    expect([produced, discarded]).toEqual([['one'], []]);
  });

  it('refuses other parameters', async () => {
    const { produce } = fixture();
    await produce('one', 'abc', { parameters: { minQuantity: 2 } });
    const again = () => produce('one', 'abc', { parameters: { minQuantity: 5 } });
    const failure = await failureOf(again);
    expect(failure.exit).toBe(64);
    expect(failure.message).toContain('run one of 2010-12-01 was already published');
    expect(failure.action).toContain('--run-id');
  });
});
