import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify, stripVTControlCharacters } from 'node:util';
import { jobs } from '@user-behaviour/shared/pipeline';
import { expect, it } from 'vitest';
import { root } from './workspace-files.ts';

const packages = ['local-emr', 'local-redshift', 'testcontainers'];

it('`nx release` finds the version of each job and each package for npm, and accepts the version plans', async () => {
  const { stdout } = await promisify(execFile)(
    join(root, 'node_modules/.bin/nx'),
    ['release', '--dry-run', '--skip-publish'],
    { cwd: root, env: { ...env, NX_DAEMON: 'false' } },
  );
  const lines = stripVTControlCharacters(stdout).split('\n');
  const manifests = [
    ...[...jobs, 'operator'].map((project) => [project, `packages/${project}/package.json`]),
    ...packages.map((project) => [project, `dev/${project}/package.json`]),
  ];
  for (const [project, manifest] of manifests) {
    expect(lines).toContainEqual(
      expect.stringMatching(`^${project} .* from manifest: ${manifest}$`),
    );
  }
});
