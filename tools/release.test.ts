import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify, stripVTControlCharacters } from 'node:util';
import { jobs } from '@user-behaviour/shared/pipeline';
import { expect, it } from 'vitest';
import { root } from './workspace-files.ts';

it('`nx release` finds the version of each job and accepts the version plans', async () => {
  const { stdout } = await promisify(execFile)(
    join(root, 'node_modules/.bin/nx'),
    ['release', '--dry-run', '--skip-publish'],
    { cwd: root, env: { ...env, NX_DAEMON: 'false' } },
  );
  const lines = stripVTControlCharacters(stdout).split('\n');
  for (const project of [...jobs, 'operator']) {
    const manifest = `packages/${project}/package.json`;
    expect(lines).toContainEqual(
      expect.stringMatching(`^${project} .* from manifest: ${manifest}$`),
    );
  }
});
