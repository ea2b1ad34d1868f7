/** The generator of stages, in a copy of the workspace: what it makes is checked, tested, bundled and planned. */
import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ScratchCopy, scratchCopy } from '../mutation/scratch-copy.ts';

const stage = 'customer-segments';

let copy: ScratchCopy;
beforeAll(async () => {
  copy = await scratchCopy();
  await run('nx', 'generate', `@user-behaviour/nx-plugin:job`, stage, ...options);
  await symlink(
    join(copy.folder, 'packages', stage),
    join(copy.folder, 'node_modules/@user-behaviour', stage),
  );
  return () => copy[Symbol.asyncDispose]();
}, 600_000);

const options = ['--reads=user_purchase/stage', '--writes=customer_segments/stage'];

/** Without the folder of this run's reports, which the runs within the copy would overwrite. */
const outer = { ...env, TEST_REPORTS: undefined };

/** Runs a program of node_modules/.bin in a folder of the copy. */
async function runIn(folder: string, program: string, ...args: readonly string[]) {
  const { stdout } = await promisify(execFile)(
    join(copy.folder, 'node_modules/.bin', program),
    [...args],
    { cwd: join(copy.folder, folder), env: { ...outer, NX_DAEMON: 'false', NX_TUI: 'false' } },
  );
  return stdout;
}

const run = (program: string, ...args: readonly string[]) => runIn('.', program, ...args);

const node = async (...args: readonly string[]) =>
  (await promisify(execFile)(execPath, [...args], { cwd: copy.folder })).stdout;

describe('a generated stage', () => {
  it('passes the check of types and the linter, and so does what knows all stages', async () => {
    await run('nx', 'sync');
    await run('tsc', '--build', `packages/${stage}`, 'packages/operator', 'infra');
    await run('eslint', '--max-warnings=0', `packages/${stage}`);
  }, 600_000);

  it('passes its unit tests, and those of the pipeline and the operator pass with it', async () => {
    for (const name of [stage, 'shared', 'operator']) {
      const files = name === 'shared' ? ['src/pipeline.test.ts'] : [];
      const said = await runIn(
        `packages/${name}`,
        ...(['vitest', 'run', '--config', '../../vitest.config.ts', ...files] as const),
      );
      expect(said, name).toMatch(/passed/);
    }
  }, 600_000);

  it('has its entries for the schedulers and in the documents', async () => {
    const tests = ['--testTimeout=60000', 'schedulers', 'k8s-command-lines'];
    await runIn('infra', 'vitest', 'run', '--config', '../vitest.config.ts', ...tests);
    await run('vitest', 'run', '--root', 'tools', 'documents', 'integration-suites');
  }, 600_000);

  it('is bundled, and tells its options', async () => {
    await run('nx', 'run', `${stage}:bundle`);
    const help = await node(`packages/${stage}/dist/main.mjs`, '--help');
    expect(help).toContain(`${stage} --ds=2010-12-01`);
    expect(help).toContain('--wait=TIME');
  }, 600_000);

  it('is in the plan', async () => {
    const script = `
      const { planDay } = await import('./packages/operator/src/plan/day-plan.ts');
      const { planTable } = await import('./packages/operator/src/plan/plan-table.ts');
      const facts = { ds: '2010-12-01', published: new Map(), damage: new Map() };
      console.log(planTable([planDay(facts, {})]));`;
    const plan = await node('--input-type=module', '--eval', script);
    expect(plan).toContain(stage);
    expect(plan).toContain(`${stage}: missing`);
  });

  it('is refused under a taken name, with an unknown input, and for a taken dataset', async () => {
    const generate = (...args: readonly string[]) =>
      run('nx', 'generate', '@user-behaviour/nx-plugin:job', ...args).then(
        () => 'generated',
        (error: unknown) => String((error as { stderr?: string }).stderr),
      );
    expect(await generate('emr-clean', ...options)).toContain('there is a job emr-clean already');
    expect(await generate('a-b', '--reads=no/such', '--writes=a_b/stage')).toContain(
      'no job writes no/such',
    );
    expect(
      await generate('a-b', '--reads=user_purchase/stage', '--writes=movie_review/load'),
    ).toContain('is written by another job');
  }, 600_000);
});
