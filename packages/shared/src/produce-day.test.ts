import { describe, expect, it } from 'vitest';
import { failureOf } from '../test/failing.ts';
import { InMemoryS3 } from '../test/in-memory-s3.ts';
import { parseDs } from './ds.ts';
import { ManifestStore } from './manifest/manifest-store.ts';
import type { Parameters } from './manifest/staleness.ts';
import { produceDay, type Product } from './produce-day.ts';
import { createLog } from './runner/log.ts';

const dataset = 'user_purchase/stage';
const ds = parseDs('2010-12-01');

/** A bucket in which runs produce one file each; `content` stands for what the file holds. */
function fixture() {
  const s3 = new InMemoryS3();
  const store = new ManifestStore(s3.client, 'stages');
  const logged: string[] = [];
  const log = createLog('j', 'json', { write: (line: string) => logged.push(line) }, 'info');
  const discarded: string[] = [];
  const produced: string[] = [];
  const produce = (
    run: string,
    content: string,
    parameters: Parameters = {},
    meanwhile: () => Promise<unknown> = () => Promise.resolve(),
  ) =>
    produceDay(
      { ds, run, log },
      {
        store,
        dataset,
        parameters,
        session: {
          parallel: 1,
          wait: 0,
          dryRun: false,
          flags: new Set(),
          log,
          signal: new AbortController().signal,
          now: () => new Date(0),
          job: { name: 'extract-purchases', version: '1' },
        },
        discard: (files) => {
          discarded.push(...files.map(({ key }) => key));
          return Promise.resolve();
        },
      },
      async (): Promise<Product> => {
        produced.push(run);
        const key = `k/${run}`;
        s3.put(key, content);
        await meanwhile();
        const sha256 = Buffer.from(content).toString('hex').padEnd(64, '0');
        return { files: [{ key, bytes: content.length, rows: content.length, sha256 }] };
      },
    );
  return { produce, discarded, produced, logged };
}

describe('a day', () => {
  it('is produced and published', async () => {
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

  it('of equal content is removed again: the published run is kept (I3)', async () => {
    const { produce, discarded, logged } = fixture();
    await produce('one', '');
    expect(await produce('two', '')).toMatchObject({ status: 'unchanged', publishedRun: 'one' });
    expect(discarded).toEqual(['k/two']);
    expect(logged.at(-1)).toContain('no purchases on this day: nothing has changed');
  });

  it('that loses the race is removed again: the other result is kept (I2)', async () => {
    const { produce, discarded } = fixture();
    const lost = await produce('one', 'abc', {}, () => produce('two', 'xyz'));
    expect(lost).toMatchObject({ status: 'superseded', publishedRun: 'two' });
    expect(discarded).toEqual(['k/one']);
  });
});

describe('a retry under the same --run-id', () => {
  it('that finds itself published produces nothing (I1)', async () => {
    const { produce, discarded, produced } = fixture();
    await produce('one', 'abc', { minQuantity: 2, format: 'csv' });
    const again = await produce('one', 'other', { format: 'csv', minQuantity: 2 });
    expect(again).toMatchObject({ status: 'unchanged', publishedRun: 'one', rows: 3 });
    expect([produced, discarded]).toEqual([['one'], []]);
  });

  it('is refused when other parameters made the published run', async () => {
    const { produce } = fixture();
    await produce('one', 'abc', { minQuantity: 2 });
    const failure = await failureOf(() => produce('one', 'abc', { minQuantity: 5 }));
    expect(failure.exit).toBe(64);
    expect(failure.message).toContain('run one of 2010-12-01 is published already');
    expect(failure.action).toContain('--run-id');
  });
});
