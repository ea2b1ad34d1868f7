// The reports of a run of all tests, as a table: one line a suite, one column a kind of test.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Kinds of report in the order of the columns: `<suite>.<kind>.json`, or .xml of pytest. */
const kinds = {
  test: 'unit',
  integration: 'local',
  'integration-docker': 'docker',
  'image-test': 'images',
};

const nothing = { passed: 0, failed: 0, skipped: 0, red: [] };

/** File, name and first words of the failed tests of a file; the file alone where it did not get so far. */
function failedTests({ name, status, message, assertionResults }) {
  const first = (text = '') => stripVTControlCharacters(text).split('\n')[0];
  const file = basename(name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return status === 'failed' ? [`${file}: ${first(message)}`] : [];
  return tests.map(
    ({ fullName, failureMessages }) => `${file}: ${fullName}: ${first(failureMessages?.[0])}`,
  );
}

/** Passed, failed and skipped tests of one report: vitest's JSON or pytest's JUnit XML. */
function count(path) {
  const text = readFileSync(path, 'utf8');
  // A suite that was killed leaves half a report; it ran no test, then.
  if (path.endsWith('.json') && !text.endsWith('}')) return nothing;
  if (path.endsWith('.json')) {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(text);
    const red = testResults.flatMap(failedTests);
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, red };
  }
  const of = (name) =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? 0);
  const failed = of('failures') + of('errors');
  const red = failed === 0 ? [] : ['see the output above'];
  return { passed: of('tests') - failed - of('skipped'), failed, skipped: of('skipped'), red };
}

/** All reports of the folder, where other files may lie, too. */
export function readReports(folder) {
  return readdirSync(folder)
    .filter((file) => /\.(json|xml)$/.test(file))
    .sort()
    .map((file) => {
      const [suite, kind] = file.split('.');
      return { file, suite, kind, ...count(join(folder, file)) };
    });
}

/** Sums over all reports. */
export function totals(reports) {
  const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** The failed tests, a line each. */
export const failures = (reports) =>
  reports.flatMap(({ suite, kind, red }) =>
    red.map((test) => `FAILED ${suite} (${kinds[kind] ?? kind}): ${test}`),
  );

/** Passed tests by suite and kind, and failed ones after a minus. A dash: the suite has none, or they did not run. */
export function table(reports) {
  const suites = [...new Set(reports.map(({ suite }) => suite))];
  const cell = (suite, kind) => {
    const found = reports.find((report) => report.suite === suite && report.kind === kind);
    if (found === undefined) return '-';
    return found.failed === 0 ? String(found.passed) : `${found.passed} -${found.failed}`;
  };
  const line = (name, cells) =>
    [name.padEnd(20), ...cells.map((text) => text.padStart(10))].join('');
  return [
    line('passed', Object.values(kinds)),
    ...suites.map((suite) =>
      line(
        suite,
        Object.keys(kinds).map((kind) => cell(suite, kind)),
      ),
    ),
  ].join('\n');
}

/**
 * Where the time went: one line a step, the longest first, with the tests that passed in it.
 * @param {readonly { name: string, reports: readonly string[] }[]} steps
 * @param {readonly { name: string, seconds: number }[]} outcomes
 * @param {readonly { file: string, passed: number }[]} reports
 */
export function timeTable(steps, outcomes, reports) {
  const line = (name, seconds, tests) =>
    [name.padEnd(34), String(seconds).padStart(8), String(tests).padStart(8)].join('');
  const lines = outcomes
    .toSorted((a, b) => b.seconds - a.seconds)
    .map(({ name, seconds }) => {
      const own = steps.find((step) => step.name === name)?.reports ?? [];
      const tests = reports
        .filter(({ file }) => own.includes(file))
        .reduce((total, { passed }) => total + passed, 0);
      return line(name, seconds, tests);
    });
  return [line('step', 'seconds', 'tests'), ...lines].join('\n');
}
