import { describe, expect, it } from 'vitest';
import { runJob } from '@user-behaviour/shared/runner/run-job';
import { stageReviews } from './program.ts';
import { sparkScript } from './spark-script.ts';

/** Runs the job with an unreachable S3. */
async function run(argv: string, env: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await runJob(stageReviews, {
    argv: ['node', 'main.mjs', ...argv.split(' ')],
    env: {
      PIPELINE_BUCKET: 'stages',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      REVIEWS_SOURCE: 's3://vendor/{ds}.csv',
      ...env,
    },
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    on: () => undefined,
    exit: () => undefined,
  });
  return { exit, out: out.join(''), err: err.join('') };
}

describe('a dry run', () => {
  it('prints what it would read and write without any request', async () => {
    const { exit, out } = await run('--ds=2010-12-01 --through=2010-12-02 --run-id=r1 --dry-run');
    expect(exit).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject(
      ['2010-12-01', '2010-12-02'].map((ds) => ({
        job: 'stage-reviews',
        ds,
        run: 'r1',
        status: 'planned',
        parameters: { script: sparkScript().key, maxLineSize: 2 ** 20 },
        reads: `s3://vendor/${ds}.csv`,
        writes: [
          `s3://stages/movie_review/load/${ds}/r1/movie.csv`,
          `s3://stages/${sparkScript().key}`,
        ],
        exit: 0,
      })),
    );
  });
});

describe('the command line', () => {
  it('names every missing variable at once', async () => {
    const { exit, err } = await run('--ds=2010-12-01', { PIPELINE_BUCKET: '', REVIEWS_SOURCE: '' });
    expect(exit).toBe(78);
    expect(err).toContain('PIPELINE_BUCKET is missing');
    expect(err).toContain('REVIEWS_SOURCE is missing');
  });

  it('describes its variables in --help', async () => {
    const { exit, out } = await run('--help');
    expect(exit).toBe(0);
    expect(out).toMatch(/REVIEWS_SOURCE .*\{ds\} is replaced by the day\s+\[required\]/);
  });
});
