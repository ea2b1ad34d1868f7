import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { sparkScript } from '../src/spark-script.ts';
import packageFile from '../package.json' with { type: 'json' };

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([bundleJob('stage-reviews'), startTestCloud(['s3'])]);
  return () => cloud[Symbol.asyncDispose]();
});

const bundle = join(import.meta.dirname, '../dist/main.mjs');
const day = '--ds=2010-12-01';
const text = '\ufeffcid,review_str\r\n1,a good one\r\n\r\n2,"so, ""so"""\n3,żółć 😀';
const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const keyOf = (run: string, ds = '2010-12-01') => `movie_review/load/${ds}/${run}/movie.csv`;
const manifestKey = 'movie_review/load/2010-12-01/_manifest.json';
const scriptKey = sparkScript().key;

const folder = () => mkdtempDisposable(join(tmpdir(), 'stage-reviews-'));

const manifestOf = async (bucket: TestBucket, ds = '2010-12-01') =>
  (await new ManifestStore(bucket.client, bucket.name).read('movie_review/load', parseDs(ds)))
    ?.manifest;

/** A bucket, a folder with the vendor's file, and the variables that name both. */
async function openStagingFixture(content?: string | Uint8Array) {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const temporary = stack.use(await folder());
  const path = join(temporary.path, 'vendor.csv');
  if (content !== undefined) await writeFile(path, content);
  const kept = stack.move();
  return {
    bucket,
    path,
    env: { ...bucket.env, REVIEWS_SOURCE: path },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

describe('a report that nobody reads', () => {
  it.each(['stdout', 'stderr'] as const)(
    'of a range, on %s, ends with 74; each day is published',
    async (stream) => {
      await using fixture = await openStagingFixture(text);
      const args = [day, '--through=2010-12-03', '--parallel=1'];
      const running = spawn(execPath, [bundle, ...args], { env: fixture.env });
      running[stream].destroy();
      running[stream === 'stdout' ? 'stderr' : 'stdout'].resume();
      expect(await once(running, 'close')).toEqual([74, null]);
      for (const ds of ['2010-12-01', '2010-12-02', '2010-12-03']) {
        expect(await manifestOf(fixture.bucket, ds)).toMatchObject({ generation: 1 });
      }
    },
  );
});

describe('a day of reviews', () => {
  it('is staged byte for byte with the script and described in its manifest', async () => {
    await using fixture = await openStagingFixture(text);
    const { code, summaries } = await job.run(fixture.env, day, '--run-id=one');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([
      { job: 'stage-reviews', ds: '2010-12-01', run: 'one', status: 'published', rows: 3, exit: 0 },
    ]);
    const key = keyOf('one');
    expect(await fixture.bucket.keys()).toEqual([manifestKey, key, scriptKey]);
    expect(await fixture.bucket.text(key)).toBe(text);
    expect(await fixture.bucket.text(scriptKey)).toBe(sparkScript().text);
    expect(await manifestOf(fixture.bucket)).toMatchObject({
      version: 1,
      run: 'one',
      generation: 1,
      job: { name: 'stage-reviews', version: packageFile.version },
      parameters: { script: scriptKey },
      upstream: [],
      files: [{ key, rows: 3, bytes: Buffer.byteLength(text), sha256: sha256(text) }],
      totals: { files: 1, rows: 3, rejected: 0 },
    });
  });

  it('can come from S3, with the day in its name', async () => {
    await using fixture = await openStagingFixture();
    await using vendor = await freshBucket(cloud);
    await vendor.put('in/2010-12-01/reviews.csv', text);
    const env = { ...fixture.env, REVIEWS_SOURCE: `s3://${vendor.name}/in/{ds}/reviews.csv` };
    expect(await job.run(env, day, '--run-id=one')).toMatchObject({ code: 0 });
    expect(await fixture.bucket.text(keyOf('one'))).toBe(text);
    expect(await vendor.keys()).toEqual(['in/2010-12-01/reviews.csv']);
  });

  it('can be compressed with gzip, and its header can have quotes', async () => {
    const plain = text.replace('\ufeff', '');
    const quoted = plain.replace('cid,review_str', '"cid","review_str"');
    for (const content of [gzipSync(plain), quoted, gzipSync(quoted)]) {
      await using fixture = await openStagingFixture(content);
      const { code, summaries } = await job.run(fixture.env, day, '--run-id=one');
      expect(code).toBe(0);
      expect(summaries).toMatchObject([{ status: 'published', rows: 3 }]);
      expect(await fixture.bucket.text(keyOf('one'))).toBe(plain);
      expect(await manifestOf(fixture.bucket)).toMatchObject({
        files: [{ bytes: Buffer.byteLength(plain), sha256: sha256(plain) }],
      });
    }
  });

  it('keeps a line above MAX_LINE_SIZE as a notice, and counts it', async () => {
    const [first, second] = ['x'.repeat(5_000_000), `"${'y\r'.repeat(100_000)}`];
    const long = `cid,review_str\n1,${first}\n2,good\n3,${second}`;
    await using fixture = await openStagingFixture(gzipSync(long));
    const { code, summaries, log } = await job.run(fixture.env, day, '--run-id=one');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ status: 'published', rows: 3 }]);
    expect(await fixture.bucket.text(keyOf('one'))).toBe(
      `cid,review_str\nline_too_long:5000002:1,${'x'.repeat(198)}\n2,good\n3,${second}`,
    );
    expect(JSON.stringify(log)).toContain('lines above MAX_LINE_SIZE: Spark will reject them');
    // Another limit makes the day again.
    const env = { ...fixture.env, MAX_LINE_SIZE: '64KiB' };
    expect(await job.run(env, day, '--run-id=two')).toMatchObject({ code: 0 });
    expect(await fixture.bucket.text(keyOf('two'))).toContain('\nline_too_long:200002:3,"y\ry');
    expect(await manifestOf(fixture.bucket)).toMatchObject({
      generation: 2,
      parameters: { script: scriptKey, maxLineSize: 65_536 },
    });
  });

  it('that is not over is staged with a warning, if each day has a file', async () => {
    await using fixture = await openStagingFixture(text);
    const future = '2199-12-31';
    const daily = join(dirname(fixture.path), '{ds}.csv');
    await writeFile(daily.replace('{ds}', future), text);
    for (const [source, warnings] of [
      [daily, 1],
      [fixture.path, 0],
    ] as const) {
      const env = { ...fixture.env, REVIEWS_SOURCE: source };
      const { code, log } = await job.run(env, `--ds=${future}`);
      expect(code).toBe(0);
      const said = log.filter(({ level }) => level === 40).map(({ msg }) => String(msg));
      expect(said).toHaveLength(warnings);
      if (warnings > 0) expect(said[0]).toContain('the day has not begun');
    }
  });

  it('that equals the day before is published with a warning, if each day has a file', async () => {
    await using fixture = await openStagingFixture(text);
    const next = '--ds=2010-12-02';
    const warnings = async (template: string, ...args: string[]) => {
      const env = { ...fixture.env, REVIEWS_SOURCE: template };
      const { code, log } = await job.run(env, ...args);
      expect(code).toBe(0);
      return log.filter(({ level }) => level === 40);
    };
    expect(await warnings(fixture.path, day)).toEqual([]);
    expect(await warnings(fixture.path, next), 'one file for all days').toEqual([]);
    const daily = join(dirname(fixture.path), '{ds}.csv');
    const path = daily.replace('{ds}', '2010-12-02');
    await writeFile(path, text);
    expect(await warnings(daily, next)).toMatchObject([{ sameAs: '2010-12-01' }]);
    await writeFile(path, `${text}\n4,new`);
    expect(await warnings(daily, next)).toEqual([]);
  });

  it('is published even if the manifest of the day before cannot be read (I4)', async () => {
    await using fixture = await openStagingFixture();
    await fixture.bucket.put('movie_review/load/2010-11-30/_manifest.json', 'not JSON');
    const daily = join(dirname(fixture.path), '{ds}.csv');
    await writeFile(daily.replace('{ds}', '2010-12-01'), text);
    expect(await job.run({ ...fixture.env, REVIEWS_SOURCE: daily }, day)).toMatchObject({
      code: 0,
    });
  });

  it('can be larger than one part', async () => {
    const line = '1,"a review of some length, with ""quotes"" and żółć"\r\n';
    const count = Math.ceil((9 << 20) / Buffer.byteLength(line));
    const large = `cid,review_str\r\n${line.repeat(count)}`;
    await using fixture = await openStagingFixture(large);
    const { code, summaries } = await job.run(fixture.env, day, '--run-id=one');
    expect(code).toBe(0);
    expect(summaries[0]?.['rows']).toBe(count);
    expect(sha256(await fixture.bucket.bytes(keyOf('one')))).toBe(sha256(large));
  });

  it('is staged with a warning about unclosed quotes, without logging their text (I10)', async () => {
    await using fixture = await openStagingFixture('cid,review_str\n1,"open\n2,"closed"\n');
    const { code, log } = await job.run(fixture.env, day, '--run-id=one');
    expect(code).toBe(0);
    expect(log).toContainEqual(expect.objectContaining({ level: 40, lines: 1 }));
    expect(JSON.stringify(log)).not.toContain('open');
  });
});

describe('a rerun', () => {
  it('of the same file changes nothing and leaves no additional object (I3)', async () => {
    await using fixture = await openStagingFixture(text);
    await job.run(fixture.env, day, '--run-id=one');
    const before = await fixture.bucket.text(manifestKey);
    const { code, summaries } = await job.run(fixture.env, day, '--run-id=two');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([
      { run: 'two', status: 'unchanged', publishedRun: 'one', generation: 1, rows: 3 },
    ]);
    expect(await fixture.bucket.text(manifestKey)).toBe(before);
    expect(await fixture.bucket.keys()).toEqual([manifestKey, keyOf('one'), scriptKey]);
  });

  it('under the same name finds its own result', async () => {
    await using fixture = await openStagingFixture(text);
    await job.run(fixture.env, day, '--run-id=one');
    const again = await job.run(fixture.env, day, '--run-id=one');
    expect(again.summaries).toMatchObject([{ status: 'unchanged', publishedRun: 'one' }]);
    expect(await fixture.bucket.keys()).toEqual([manifestKey, keyOf('one'), scriptKey]);
  });

  it('of a changed file is generation 2, and the old run keeps its bytes (I1, I2)', async () => {
    await using fixture = await openStagingFixture(text);
    await job.run(fixture.env, day, '--run-id=one');
    const changed = text.replace('so, ', 'no, ');
    await writeFile(fixture.path, changed);
    const { summaries } = await job.run(fixture.env, day, '--run-id=two');
    expect(summaries).toMatchObject([
      { status: 'published', publishedRun: 'two', generation: 2, rows: 3 },
    ]);
    expect(await manifestOf(fixture.bucket)).toMatchObject({
      run: 'two',
      generation: 2,
      files: [{ key: keyOf('two'), sha256: sha256(changed) }],
    });
    expect(await fixture.bucket.text(keyOf('one'))).toBe(text);
    expect(await fixture.bucket.text(keyOf('two'))).toBe(changed);
  });

  it('after a change of the script is generation 2 and keeps the old script', async () => {
    await using fixture = await openStagingFixture(text);
    await job.run(fixture.env, day, '--run-id=one');
    const published = JSON.parse(await fixture.bucket.text(manifestKey)) as Record<string, unknown>;
    const old = `scripts/${sha256('old')}/random_text_classification.py`;
    await fixture.bucket.put(old, 'old');
    await fixture.bucket.put(
      manifestKey,
      JSON.stringify({ ...published, parameters: { script: old } }),
    );
    const { summaries } = await job.run(fixture.env, day, '--run-id=two');
    expect(summaries).toMatchObject([{ status: 'published', generation: 2 }]);
    expect(await manifestOf(fixture.bucket)).toMatchObject({ parameters: { script: scriptKey } });
    expect(await fixture.bucket.text(old)).toBe('old');
  });
});

describe('concurrently', () => {
  it('several runs of the same day converge on one result (I2, I4)', async () => {
    await using fixture = await openStagingFixture(text);
    const ended = await Promise.all(
      ['one', 'two', 'three'].map((run) => job.run(fixture.env, day, `--run-id=${run}`)),
    );
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    const manifest = await manifestOf(fixture.bucket);
    expect(manifest).toMatchObject({ generation: 1, totals: { rows: 3 } });
    expect(await fixture.bucket.keys()).toEqual([
      manifestKey,
      keyOf(manifest?.run ?? ''),
      scriptKey,
    ]);
    const states = ended.flatMap(({ summaries }) => summaries.map(({ status }) => status));
    expect(states.filter((status) => status === 'published')).toHaveLength(1);
  });

  it('the days of a range that share a file each get a copy', async () => {
    await using fixture = await openStagingFixture(text);
    const range = [day, '--through=2010-12-06', '--parallel=2', '--run-id=one'];
    expect(await job.run(fixture.env, ...range)).toMatchObject({ code: 0 });
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const ds = `2010-12-0${String(number)}`;
      expect(await fixture.bucket.text(keyOf('one', ds))).toBe(text);
      expect(await manifestOf(fixture.bucket, ds)).toMatchObject({
        ds,
        parameters: { script: scriptKey },
        files: [{ key: keyOf('one', ds), rows: 3, sha256: sha256(text) }],
      });
    }
  });

  it('the days of a range each get their file and manifest, even if one of them fails (I4)', async () => {
    await using fixture = await openStagingFixture();
    await using vendor = await folder();
    for (const ds of ['2010-12-01', '2010-12-02', '2010-12-04']) {
      await mkdir(join(vendor.path, ds));
      await writeFile(join(vendor.path, ds, 'r.csv'), `cid,review_str\n1,${ds}\n`);
    }
    const env = { ...fixture.env, REVIEWS_SOURCE: join(vendor.path, '{ds}', 'r.csv') };
    const { code, summaries } = await job.run(env, day, '--through=2010-12-04', '--run-id=one');
    expect(code).toBe(75);
    expect(Object.fromEntries(summaries.map(({ ds, exit }) => [ds, exit]))).toEqual({
      '2010-12-01': 0,
      '2010-12-02': 0,
      '2010-12-03': 75,
      '2010-12-04': 0,
    });
    for (const ds of ['2010-12-01', '2010-12-02', '2010-12-04']) {
      expect(await fixture.bucket.text(keyOf('one', ds))).toContain(ds);
      expect(await manifestOf(fixture.bucket, ds)).toMatchObject({ ds, generation: 1 });
    }
    expect(await manifestOf(fixture.bucket, '2010-12-03')).toBeUndefined();
  });
});
