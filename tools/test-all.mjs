// Every check and every test, with a count at the end. A suite that ran no test is a failure.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const reports = join(root, '.local/test-reports');

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const env = {
  ...process.env,
  NX_DAEMON: 'false',
  NX_TUI: 'false',
  TEST_REPORTS: reports,
  PYTEST_ADDOPTS: `--junitxml=${join(reports, 'spark.test.xml')}`,
};

/** Name, command; a later step still runs when an earlier one failed, so that one run tells all. */
const steps = [
  ['check', 'npm', ['run', '--silent', 'check']],
  ['bundle', 'nx', ['run-many', '-t', 'bundle']],
  ['unit tests', 'nx', ['run-many', '-t', 'test', '--skip-nx-cache', '--parallel=2']],
  ['integration tests', 'nx', ['run-many', '-t', 'integration', '--parallel=1']],
];

const failedSteps = [];
for (const [name, command, args] of steps) {
  const start = Date.now();
  console.error(`\n== ${name}`);
  const { status, signal } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' });
  console.error(
    `== ${name}: ${status === 0 ? 'ok' : `FAILED (${signal ?? status})`}, ${Math.round((Date.now() - start) / 1000)} s`,
  );
  if (status !== 0) failedSteps.push(name);
}

/** Passed and failed tests of one report: vitest's JSON or pytest's JUnit XML. */
function count(file) {
  const text = readFileSync(join(reports, file), 'utf8');
  if (file.endsWith('.json')) {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(text);
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
  }
  const of = (name) =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? 0);
  const failed = of('failures') + of('errors');
  return { passed: of('tests') - failed - of('skipped'), failed, skipped: of('skipped') };
}

/** Every project that has the target must have left a report: what did not run did not pass. */
function expected() {
  const names = (target) =>
    spawnSync('nx', ['show', 'projects', '--withTarget', target, '--json'], {
      cwd: root,
      env,
      encoding: 'utf8',
    });
  return [
    'tools.test.json',
    ...['test', 'integration'].flatMap((target) =>
      JSON.parse(names(target).stdout).map((project) =>
        project === 'spark' ? 'spark.test.xml' : `${project}.${target}.json`,
      ),
    ),
  ];
}

const found = readdirSync(reports).sort();
const total = { passed: 0, failed: 0, skipped: 0 };
console.log('\nsuite                            passed  failed');
for (const file of found) {
  const counted = count(file);
  for (const key of Object.keys(total)) total[key] += counted[key];
  console.log(
    `${file.replace(/\.(json|xml)$/, '').padEnd(32)} ${String(counted.passed).padStart(6)}  ${String(counted.failed).padStart(6)}`,
  );
  if (counted.passed + counted.failed === 0) failedSteps.push(`${file} ran no test`);
}
for (const file of expected()) {
  if (!found.includes(file)) failedSteps.push(`${file} is missing: its tests did not run`);
}
if (total.skipped > 0) failedSteps.push(`${total.skipped} tests were skipped`);
if (failedSteps.length > 0) console.log(`\nFAILED: ${failedSteps.join('; ')}`);
console.log(
  `\n${total.passed} passed, ${Math.max(total.failed, failedSteps.length > 0 ? 1 : 0)} failed`,
);
process.exit(failedSteps.length > 0 || total.failed > 0 ? 1 : 0);
