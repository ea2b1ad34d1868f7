import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerVerdict } from '../docker-engine.mjs';
import { systemPrograms, verdictOn } from './system-programs.mjs';
import { failures, readReports, table, totals } from './test-counts.mjs';

const vitest = (passed: number, failed: number, testResults: readonly object[] = []) =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 0,
    testResults,
  });

describe('the counts', () => {
  it('tell what ran where, by suite and kind', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'reports-'));
    const files = {
      'emr-clean.test.json': vitest(41, 0),
      'emr-clean.integration.json': vitest(20, 2),
      'emr-clean.integration-docker.json': vitest(22, 0),
      'spark.test.xml': '<testsuites><testsuite tests="9" failures="1" errors="0" skipped="1"/>',
    };
    for (const [name, text] of Object.entries(files))
      await writeFile(join(folder.path, name), text);
    const reports = readReports(folder.path);
    expect(totals(reports)).toEqual({ passed: 90, failed: 3, skipped: 1 });
    const rows = table(reports)
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows).toEqual([
      ['passed', 'unit', 'local', 'docker', 'images'],
      ['emr-clean', '41', '20 -2', '22', '-'],
      ['spark', '7 -1', '-', '-', '-'],
    ]);
  });
});

it('the failed tests are named at the end, where they are found', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reports-'));
  const assertion = (status: string, fullName: string, ...failureMessages: string[]) => ({
    status,
    fullName,
    failureMessages,
  });
  const red = vitest(1, 2, [
    {
      name: '/x/test/sweep.it.test.ts',
      status: 'failed',
      message: '',
      assertionResults: [
        assertion('passed', 'a sweep shows'),
        assertion('failed', 'a sweep takes', '\u001B[31mAssertionError: no\u001B[39m\n    at x'),
      ],
    },
    {
      name: '/x/test/doctor.it.test.ts',
      status: 'failed',
      message: 'no server\n',
      assertionResults: [],
    },
    { name: '/x/test/plan.it.test.ts', status: 'passed', message: '', assertionResults: [] },
  ]);
  await writeFile(join(folder.path, 'operator.integration-docker.json'), red);
  await writeFile(join(folder.path, 'tools.test.json'), vitest(3, 0));
  const pytest = '<testsuites><testsuite tests="9" failures="1" errors="0" skipped="0"/>';
  await writeFile(join(folder.path, 'spark.test.xml'), pytest);
  expect(failures(readReports(folder.path))).toEqual([
    'FAILED operator (docker): sweep.it.test.ts: a sweep takes: AssertionError: no',
    'FAILED operator (docker): doctor.it.test.ts: no server',
    'FAILED spark (unit): see the output above',
  ]);
});

it('a report that a killed suite left half written counts as no test', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reports-'));
  await writeFile(join(folder.path, 'emr-clean.integration.json'), '');
  expect(totals(readReports(folder.path))).toEqual({ passed: 0, failed: 0, skipped: 0 });
});

describe('a Docker engine', () => {
  it('that is not there is a failure only where it was promised, and is always told', () => {
    expect(dockerVerdict('20.10.24', true)).not.toHaveProperty('fault');
    const missing = dockerVerdict(undefined, false);
    expect(missing.words).toContain('NOT tested');
    expect(missing).not.toHaveProperty('fault');
    expect(dockerVerdict(undefined, true).fault).toContain('REQUIRE_DOCKER=1');
  });
});

it.each(systemPrograms)('a missing $title is a failure only where it was promised', (program) => {
  expect(verdictOn(program, '1.18.0', true)).not.toHaveProperty('fault');
  const missing = verdictOn(program, undefined, false);
  expect(missing.words).toContain('NOT tested');
  expect(missing).not.toHaveProperty('fault');
  expect(verdictOn(program, undefined, true).fault).toContain(`${program.variable}=1`);
});
