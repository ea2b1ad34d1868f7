/** stage-reviews, whose file the vendor changes at every call that the job makes (I2). */
import { appendFile, mkdtempDisposable, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { type Ds, nextDs, parseDs } from '@user-behaviour/shared/ds';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { beforeAll, describe, expect, it } from 'vitest';
import { openFaultProxy, type Variables } from '../src/inject/fault-proxy.ts';
import { FaultSchedule } from '../src/inject/fault-schedule.ts';
import { publishedDay } from '../src/observe/bucket-state.ts';
import { report } from './report.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([bundleJob('stage-reviews'), startTestCloud(['s3'])]);
  return () => cloud[Symbol.asyncDispose]();
});

/** Of four parts of an upload, so that the first ones are sent while the file is read. */
const fileOf = (word: string) =>
  `cid,review_str\n${`1,${word}${' and more of it'.repeat(66)}\n`.repeat(26_000)}`;
const [before, after, cut] = [fileOf('before'), fileOf('after '), 1_000_000];
const small = 'cid,review_str\n1,before\n';
/** What a reader may find at one moment. */
const wholes = [before, after, before.slice(0, cut), `${before}2,late\n`, small, `${small}2,new\n`];

type Change = (path: string) => Promise<void>;
const changes: readonly (readonly [string, Change])[] = [
  ['is removed', (path) => rm(path)],
  ['grows', (path) => appendFile(path, '2,late\n')],
  ['is cut', (path) => truncate(path, cut)],
  ['is overwritten', (path) => writeFile(path, after)],
  [
    'is replaced',
    async (path) => {
      await writeFile(`${path}.new`, after);
      await rename(`${path}.new`, path);
    },
  ],
];

interface Lane {
  readonly bucket: TestBucket;
  readonly env: Variables;
  readonly deliver: (ds: Ds) => Promise<void>;
}

const isWhileReading = /CreateMultipartUpload|UploadPart [12] /;

/** Runs the job for the day. Calls `change` when the call `at` arrives. Returns the names of all calls. */
async function stage({ env }: Lane, ds: Ds, at?: string, change = () => Promise.resolve()) {
  let isMet = false;
  const schedule = new FaultSchedule();
  const gate = async (name: string) => {
    if (name === at && !isMet) {
      isMet = true;
      await change();
    }
    return () => undefined;
  };
  await using proxy = await openFaultProxy(env, { schedule, gate });
  const { code, summaries } = await job.run(proxy.env, `--ds=${ds}`);
  return { code, summaries, isMet, effects: schedule.names };
}

/** Either the whole file as it was at one moment, or nothing. Returns what is wrong. */
async function problemOf({ bucket }: Lane, ds: Ds, code: number | null) {
  const { rows, abandoned, strays } = await publishedDay(bucket, 'movie_review/load', ds);
  const left = [...abandoned, ...strays];
  const isWhole = code === 0 && wholes.includes(rows.join('\n')) && left.length === 0;
  const isNothing = (code === 75 || code === 65) && rows.length + left.length === 0;
  if (isWhole || isNothing) return [];
  return [`${ds} ended with ${String(code)}, ${String(rows.length)} rows, left ${left.join(' ')}`];
}

async function tear(
  name: string,
  lane: Lane,
  kinds: readonly (readonly [string, (ds: Ds) => Promise<void>])[],
) {
  let next = parseDs('2010-01-01');
  await lane.deliver(next);
  const undisturbed = await stage(lane, next);
  expect(undisturbed.code).toBe(0);
  // Days are a day apart from each other: the job also looks at the day before.
  const cases = undisturbed.effects.flatMap((effect) =>
    // Before the file is read and after that, one change stands for all.
    kinds.slice(isWhileReading.test(effect) ? 0 : -1).map(([title, change]) => {
      next = nextDs(nextDs(next));
      return { effect, title, change, ds: next };
    }),
  );
  const problems: string[] = [];
  let whole = 0;
  await mapConcurrently(4, cases, async ({ effect, title, change, ds }) => {
    await lane.deliver(ds);
    const { code, isMet } = await stage(lane, ds, effect, () => change(ds));
    const found = await problemOf(lane, ds, code);
    problems.push(...found.map((problem) => `${title} at ${effect}: ${problem}`));
    if (!isMet) problems.push(`${title}: ${effect} was never reached`);
    if (code === 0) whole += 1;
  });
  const counts = { 'faults injected': cases.length, survived: cases.length - problems.length };
  report(`stage-reviews, ${name} torn`, counts, `${String(whole)} published whole`);
  expect(problems).toEqual([]);
  expect(whole).toBeGreaterThan(0);
  expect(whole).toBeLessThan(cases.length);
}

describe('a delivery that changes while it is staged', () => {
  it('on disk is published whole or not at all', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'torn-'));
    await using bucket = await freshBucket(cloud);
    const path = (ds: string) => join(folder.path, `${ds}.csv`);
    const lane: Lane = {
      bucket,
      env: { ...bucket.env, REVIEWS_SOURCE: path('{ds}'), REVIEWS_SETTLE: '0s' },
      deliver: (ds) => writeFile(path(ds), before),
    };
    const kinds = changes.map(([title, change]) => [title, (ds: Ds) => change(path(ds))] as const);
    await tear('a file', lane, kinds);
  }, 600_000);

  it('in S3 is published whole or not at all', async () => {
    await using bucket = await freshBucket(cloud);
    await using vendor = await freshBucket(cloud);
    const key = (ds: string) => `in/${ds}/reviews.csv`;
    const lane: Lane = {
      bucket,
      env: { ...bucket.env, REVIEWS_SOURCE: `s3://${vendor.name}/${key('{ds}')}` },
      deliver: (ds) => vendor.put(key(ds), small),
    };
    await tear('an object', lane, [
      ['is replaced', (ds: Ds) => vendor.put(key(ds), `${small}2,new\n`)],
    ]);
  }, 600_000);
});
