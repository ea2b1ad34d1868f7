/** The example of docs/adding-a-stage.md: generated, patched, and run in a copy of the workspace. */
import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { type ScratchCopy, scratchCopy } from '../mutation/scratch-copy.ts';

const stage = 'stage-ratings';
const patch = 'docs/adding-a-stage/second-vendor-file.patch';

let copy: ScratchCopy;

async function runIn(folder: string, program: string, ...args: readonly string[]) {
  const bin = join(copy.folder, 'node_modules/.bin');
  const { stdout } = await promisify(execFile)(program, [...args], {
    cwd: join(copy.folder, folder),
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...env,
      PATH: `${bin}:${env['PATH'] ?? ''}`,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      // The copy bundles its own jobs, and its runs leave no reports among those of this run.
      BUNDLES_MADE: undefined,
      TEST_REPORTS: undefined,
      // git apply ignores what is outside of the repository that it finds.
      GIT_CEILING_DIRECTORIES: dirname(copy.folder),
    },
  });
  return stdout;
}

beforeAll(async () => {
  copy = await scratchCopy();
  await runIn(
    '.',
    ...(['nx', 'generate', '@user-behaviour/nx-plugin:job', stage] as const),
    ...['--reads=user_purchase/stage', '--writes=customer_rating/load'],
  );
  await symlink(
    join(copy.folder, 'packages', stage),
    join(copy.folder, 'node_modules/@user-behaviour', stage),
  );
  await runIn('.', 'git', 'apply', '--whitespace=nowarn', patch);
  return () => copy[Symbol.asyncDispose]();
}, 600_000);

it('passes the check of types', async () => {
  await runIn('.', 'nx', 'sync');
  const projects = [`packages/${stage}`, 'packages/redshift-load', 'packages/operator'];
  await runIn('.', 'tsc', '--build', ...projects);
}, 600_000);

it('passes the unit tests of the stages that it concerns', async () => {
  for (const name of [stage, 'redshift-load', 'operator']) {
    const said = await runIn(
      `packages/${name}`,
      ...(['vitest', 'run', '--config', '../../vitest.config.ts'] as const),
    );
    expect(said, name).toMatch(/passed/);
  }
}, 600_000);

it('stages the ratings, and has their average in the metric', async () => {
  for (const [name, file] of [
    [stage, `test/${stage}.it.test.ts`],
    ['redshift-load', 'test/ratings.it.test.ts'],
  ] as const) {
    const said = await runIn(
      `packages/${name}`,
      ...(['vitest', 'run', '--config', '../../vitest.integration.config.ts', file] as const),
    );
    expect(said, name).toMatch(/passed/);
  }
}, 600_000);
