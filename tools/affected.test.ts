import { execFile } from 'node:child_process';
import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { paths, root } from './workspace-files.ts';

/** The projects that Nx finds affected by an edit of this file. */
async function projectsAfter(file: string, ...options: string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    join(root, 'node_modules/.bin/nx'),
    ['show', 'projects', '--affected', `--files=${file}`, ...options, '--json'],
    { cwd: root, env: { ...env, NX_DAEMON: 'false' } },
  );
  return JSON.parse(stdout) as string[];
}

/** The jobs on which Nx would run the target after an edit of this file. */
async function jobsAfter(file: string, target: 'test' | 'image'): Promise<readonly string[]> {
  const projects = await projectsAfter(file, `--withTarget=${target}`);
  return jobs.filter((job) => projects.includes(job));
}

it('Nx writes nothing into the home of the user', async () => {
  await using home = await mkdtempDisposable(join(tmpdir(), 'home-'));
  await promisify(execFile)(join(root, 'node_modules/.bin/nx'), ['show', 'projects'], {
    cwd: root,
    env: { ...env, HOME: home.path, NX_DAEMON: 'false' },
  });
  expect(await readdir(home.path)).toEqual([]);
});

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

  it('of a job, the benchmarks are tested, whose ratios it can change', async () => {
    const projects = await projectsAfter(
      'packages/extract-purchases/src/job.ts',
      '--withTarget=test',
    );
    expect(projects).toContain('bench');
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

  it.each([
    ['local-emr', 'emr-clean'],
    ['local-redshift', 'redshift-load'],
  ])(
    'of %s, only what runs it is affected: %s, the chains of jobs, the labs, the benchmarks, the modules for it, and the stacks',
    async (emulator, job) => {
      const file = `dev/${emulator}/src/server.ts`;
      expect(paths(file)).toEqual([file]);
      const projects = await projectsAfter(file);
      expect(projects.toSorted()).toEqual(
        [
          'aws',
          'bench',
          'faults',
          'infra',
          'lesson',
          'operator',
          'original',
          'testcontainers',
          emulator,
          job,
        ].toSorted(),
      );
    },
  );
});
