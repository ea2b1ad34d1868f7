import { describe, expect, it } from 'vitest';
import { runJob } from '@user-behaviour/shared/runner/run-job';
import { currentLoadSql } from './load/transaction.ts';
import { redshiftLoad } from './program.ts';

/** Runs the job with services that are unreachable. */
async function run(argv: string, env: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await runJob(redshiftLoad, {
    argv: ['node', 'main.mjs', ...argv.split(' ')],
    env: {
      PIPELINE_BUCKET: 'stages',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_REDSHIFT_DATA: 'http://127.0.0.1:1',
      REDSHIFT_WORKGROUP: 'analytics',
      REDSHIFT_DATABASE: 'dev',
      SPECTRUM_ROLE_ARN: 'arn:aws:iam::123456789012:role/spectrum',
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
  it('says what it would create, set and replace, and changes nothing', async () => {
    const { exit, out } = await run('--ds=2010-12-01 --run-id=r1 --dry-run');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      job: 'redshift-load',
      ds: '2010-12-01',
      run: 'r1',
      status: 'planned',
      parameters: { loadSql: currentLoadSql() },
      makesIfMissing: [
        'external_schema',
        'user_purchase_staging',
        'user_purchase_staging_parquet',
        'movie_review_clean_stage',
        'user_behavior_metric',
        'user_behavior_metric_load',
        'user_behavior_metric_load_lock',
        'user_behavior_metric_migration',
      ],
      replaces: "public.user_behavior_metric where insert_date = '2010-12-01'",
    });
  });
});

describe('the command line', () => {
  it('accepts --depends-on-past and no unknown flag', async () => {
    const { exit, out } = await run('--help');
    expect(exit).toBe(0);
    expect(out).toMatch(/--depends-on-past .*exit with 75/);
    expect(out).toMatch(/SPECTRUM_ROLE_ARN .*\s+\[required\]/);
    expect((await run('--ds=2010-12-01 --depends-on-future')).exit).toBe(64);
  });

  it('names every missing variable at once', async () => {
    const { exit, err } = await run('--ds=2010-12-01', {
      REDSHIFT_WORKGROUP: '',
      SPECTRUM_ROLE_ARN: '',
    });
    expect(exit).toBe(78);
    expect(err).toMatch(/SPECTRUM_ROLE_ARN is missing.*REDSHIFT_WORKGROUP is missing/);
  });
});
