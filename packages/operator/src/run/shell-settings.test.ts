import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from '@user-behaviour/shared/pipeline';
import { expect, it } from 'vitest';
import { shapingVariables, tellShellSettings } from './shell-settings.ts';

/** What is told of these variables of the shell beside a file with this text. */
function told(shell: Readonly<Record<string, string>>, file?: string): readonly string[] {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'settings-'));
  const name = shell['ENV_FILE'] ?? '.env.local';
  if (file !== undefined) writeFileSync(join(folder.path, name), file);
  return tellShellSettings({ INVOKED_FROM: folder.path, ...shell }, folder.path);
}

it('names a variable of the shell that the next catchup will not have', () => {
  expect(told({ MIN_QUANTITY: '5' }, 'AWS_REGION=here\n')).toEqual([
    'MIN_QUANTITY=5 is set in the shell only: the next catchup without it makes these days again with 2. To keep it, set it in .env.local',
  ]);
  expect(told({ MIN_QUANTITY: '5' }, 'MIN_QUANTITY=3\n')[0]).toContain('again with 3');
  const others = { OUTPUT_FORMAT: 'csv.gz', MAX_REJECTED_REVIEWS: '0.5' };
  expect(told(others).map((line) => line.split(' ')[0])).toEqual([
    'OUTPUT_FORMAT=csv.gz',
    'MAX_REJECTED_REVIEWS=0.5',
  ]);
});

it('says where to keep it', () => {
  const shell = { MIN_QUANTITY: '5', ENV_FILE: 'production.env' };
  expect(told(shell, '')[0]).toMatch(/in production\.env$/);
  expect(told({ ...shell, ENV_FILE: '' })[0]).toMatch(/in the environment of all later commands$/);
});

it('says nothing of what the file or the default says as well', () => {
  expect(told({ MIN_QUANTITY: '5' }, 'MIN_QUANTITY=5\n')).toEqual([]);
  expect(told({ MIN_QUANTITY: '2', OUTPUT_FORMAT: '' }, '')).toEqual([]);
  expect(told({ MIN_QUANTITY: 'wrong' }, '')).toEqual([]);
});

it('knows every parameter that a variable sets', () => {
  const parameters = pipeline.flatMap(({ shapedBy }) => shapedBy);
  expect(Object.keys(shapingVariables)).toEqual(
    parameters.filter((name) => name !== 'script' && name !== 'loadSql'),
  );
});
