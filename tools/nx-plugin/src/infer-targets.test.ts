import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { createNodes } from './infer-targets.ts';

/** The targets of a project that holds these files. */
async function inferredTargets(files: readonly string[], tags: readonly string[] = []) {
  using workspace = mkdtempDisposableSync(join(tmpdir(), 'workspace-'));
  const write = (path: string, text: string) => {
    const file = join(workspace.path, 'packages/one', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  write('package.json', JSON.stringify({ nx: { tags } }));
  for (const file of files) write(file, '');
  const configFile = 'packages/one/tsconfig.json';
  const context = { workspaceRoot: workspace.path, nxJsonConfiguration: {} };
  const [result] = await createNodes[1]([configFile], undefined, context);
  const [source, { projects }] = result ?? ['', {}];
  expect(source).toBe(configFile);
  return projects?.['packages/one']?.targets ?? {};
}

it.each<[string, readonly string[], readonly string[]]>([
  ['no test', ['src/one.ts', 'test/fixture.ts'], ['lint']],
  ['a unit test', ['src/folder/one.test.ts'], ['lint', 'test']],
  ['a unit test in its test folder', ['test/one.test.ts'], ['lint', 'test']],
  ['an integration test', ['test/one.it.test.ts'], ['integration', 'lint']],
  ['a fault test', ['test/one.fault.test.ts'], ['integration', 'lint']],
  ['a test of the images', ['images/one.image.test.ts'], ['lint']],
  ['both', ['src/one.test.ts', 'test/one.it.test.ts'], ['integration', 'lint', 'test']],
])('a project with %s has the targets for it', async (_case, files, targets) => {
  expect(Object.keys(await inferredTargets(files)).sort()).toEqual(targets);
});

it('only a job is bundled, built as an image and run; another program only with a tag; only a package for npm is packed', async () => {
  const job = await inferredTargets([], ['type:job']);
  expect(Object.keys(job).sort()).toEqual(['bundle', 'image', 'lint', 'run']);
  expect(job['image']?.dependsOn).toEqual(['bundle', '^bundle']);
  expect(job['run']?.dependsOn).toEqual(['bundle']);
  const program = await inferredTargets([], ['type:tool', 'docker:image']);
  expect(Object.keys(program).sort()).toEqual(['bundle', 'image', 'lint']);
  expect(Object.keys(await inferredTargets([], ['type:lib']))).toEqual(['lint']);
  expect(Object.keys(await inferredTargets([], ['npm:package']))).toEqual(['lint', 'pack']);
});

it('tests run in the project folder, with a configuration of the workspace', async () => {
  const { test } = await inferredTargets(['src/one.test.ts']);
  expect(test).toMatchObject({
    command: 'vitest run --config ../../vitest.config.ts',
    options: { cwd: 'packages/one' },
    cache: true,
  });
});
