import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerVerdict } from './docker-engine.mjs';
import { readReports, table, totals } from './test-counts.mjs';

const vitest = (passed: number, failed: number) =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: 0 });

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
