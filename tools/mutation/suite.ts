/** One run of the suite that ought to catch a mutation. */
import { spawn } from 'node:child_process';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import type { Mutation } from './mutation.ts';

export interface SuiteResult {
  readonly passed: number;
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
  /** Why nothing was counted, when the suite could not be run at all. */
  readonly broken?: string;
}

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** A suite that hangs is no proof; milliseconds. */
const patience = 180_000;

export async function runSuite(
  folder: string,
  { caughtBy, named }: Pick<Mutation, 'caughtBy' | 'named'>,
): Promise<SuiteResult> {
  const [packages = '', name = ''] = caughtBy.split('/');
  const unit = caughtBy.split('/')[2] === 'src';
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'mutation-report-'));
  const report = join(temporary.path, 'report.json');
  const child = spawn(
    execPath,
    [
      join(folder, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      join(folder, unit ? 'vitest.config.ts' : 'vitest.integration.config.ts'),
      caughtBy.split('/').slice(2).join('/'),
      ...(named === undefined ? [] : ['-t', named]),
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    { cwd: join(folder, packages, name), stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  }, patience);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  const text = await readFile(report, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: [], broken: said.trim().slice(-500) };
  const { numPassedTests, testResults } = JSON.parse(text) as Report;
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => fullName);
  const broken = testResults.map(({ message }) => message).find((message) => message !== '');
  return {
    passed: numPassedTests,
    failed,
    ...(failed.length === 0 && broken !== undefined ? { broken } : {}),
  };
}
