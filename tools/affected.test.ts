import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { jobs, paths, root } from './workspace-files.ts';

/** The jobs on which Nx would run the target after an edit of this file. */
async function jobsAfter(file: string, target: 'test' | 'image'): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    join(root, 'node_modules/.bin/nx'),
    ['show', 'projects', '--affected', `--files=${file}`, `--withTarget=${target}`, '--json'],
    { cwd: root, env: { ...env, NX_DAEMON: 'false' } },
  );
  const projects = JSON.parse(stdout) as string[];
  return jobs.filter((job) => projects.includes(job));
}

describe('after an edit', () => {
  it.each<[string, readonly string[]]>([
    ['sql/warehouse/**/*.sql', ['redshift-load']],
    ['sql/source/**/*.sql', ['extract-purchases']],
    ['spark/*.py', ['stage-reviews', 'emr-clean']],
    ['packages/shared/src/*.ts', jobs],
    ...jobs.map((job): [string, readonly string[]] => [`packages/${job}/src/job.ts`, [job]]),
    ['docs/*.md', []],
  ])('of %s, the jobs to test are %j', async (pattern, expected) => {
    const [file] = paths(pattern);
    expect(file).toBeDefined();
    expect(await jobsAfter(file ?? '', 'test')).toEqual(expected);
  });

  it.each<[string, readonly string[]]>([
    ['packages/extract-purchases/src/job.ts', ['extract-purchases']],
    ['packages/shared/src/ds.ts', jobs],
    ['infra/docker/job.Dockerfile', jobs],
    ['sql/warehouse/**/*.sql', ['redshift-load']],
  ])('of %s, the images to build are %j', async (pattern, expected) => {
    const [file] = paths(pattern);
    expect(file).toBeDefined();
    expect(await jobsAfter(file ?? '', 'image')).toEqual(expected);
  });
});
