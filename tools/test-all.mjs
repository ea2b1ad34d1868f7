// Every check and every test on two lanes, with a count and the times at the end. A suite that ran no test is a failure.
//   NIGHTLY=1            also the long tests, every fault at every effect, and the suites on Docker
//   REQUIRE_DOCKER=1     a Docker engine was promised: where none answers, that is a failure, too
//   REQUIRE_PGBOUNCER=1, REQUIRE_PSQL=1, REQUIRE_PROMTOOL=1, REQUIRE_CHROMIUM=1  the same for these programs
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dockerEngine, dockerVerdict } from './docker-engine.mjs';
import { dockerProjects, nightlyProjects } from './integration-suites.mjs';
import { faultSum, readFaultCounts } from './test-run/fault-counts.mjs';
import { runSteps } from './test-run/lanes.mjs';
import { systemPrograms, verdictOn, versionOf } from './test-run/system-programs.mjs';
import { failures, readReports, table, timeTable, totals } from './test-run/test-counts.mjs';

const root = join(import.meta.dirname, '..');
const reports = join(root, '.local/test-reports');
/** Node keeps compiled code here, so that each of the many processes starts faster. */
const compiled = join(root, '.local/compile-cache');

for (const old of [reports, compiled]) rmSync(old, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const isNightly = process.env.NIGHTLY === '1';
const env = {
  ...process.env,
  QUICK: isNightly ? '0' : '1',
  NX_DAEMON: 'false',
  NX_TUI: 'false',
  // A lane runs one task at a time.
  NX_PARALLEL: '1',
  NODE_COMPILE_CACHE: compiled,
  TEST_REPORTS: reports,
  // Two lanes may start a local cloud at the same time.
  LOCAL_CLOUD_WAREHOUSE_PORT: '0',
  // pytest splits them as a shell does.
  PYTEST_ADDOPTS: `--junitxml='${join(reports, 'spark.test.xml')}'`,
};
const local = { ...env, INTEGRATION_BACKEND: 'local', BUNDLES_MADE: '1' };
const docker = { ...local, INTEGRATION_BACKEND: 'docker' };

const engine = dockerEngine();
const verdicts = [
  dockerVerdict(engine, process.env.REQUIRE_DOCKER === '1'),
  ...systemPrograms.map((one) => verdictOn(one, versionOf(one), process.env[one.variable] === '1')),
];
const machine = verdicts.map(({ words }) => words).join('; ');
console.error(`== ${machine}`);

const projectsWith = (target) =>
  JSON.parse(
    spawnSync('nx', ['show', 'projects', '--withTarget', target, '--json'], {
      cwd: root,
      env,
      encoding: 'utf8',
    }).stdout,
  );

/** The longest suites come first, so that both lanes end at about the same time. */
const longest = ['faults', 'emr-clean', 'operator', 'redshift-load', 'extract-purchases'];
const rank = (project) => (longest.includes(project) ? longest.indexOf(project) : longest.length);
const suites = projectsWith('integration')
  .filter((project) => isNightly || !nightlyProjects.includes(project))
  .sort((a, b) => rank(a) - rank(b));

const after = ['bundle'];
const integration = (project) => ({
  name: `integration of ${project}`,
  // One file at a time, also in faults: the other lane needs the other core.
  command: ['nx', 'run', `${project}:integration`, '--args=--no-file-parallelism'],
  env: local,
  after,
  reports: [`${project}.integration.json`],
});

/** One start of the containers for all suites. */
const suitesOnDocker = isNightly ? dockerProjects : [];
const onDocker = {
  name: isNightly ? 'integration on Docker, and images' : 'images',
  command: [
    ...[process.execPath, 'dev/testkit/src/servers/main.ts'],
    ...['nx', 'run-many', '-t', ...(isNightly ? ['integration'] : []), 'image-test'],
    `--projects=${[...suitesOnDocker, ...projectsWith('image-test')].join(',')}`,
  ],
  env: docker,
  after,
  reports: [
    ...suitesOnDocker.map((project) => `${project}.integration-docker.json`),
    ...projectsWith('image-test').map((project) => `${project}.image-test.json`),
  ],
};

/** Each names the reports that it leaves: what left none did not run, and did not pass. */
const steps = [
  { name: 'bundle', command: ['nx', 'run-many', '-t', 'bundle'], env, reports: [] },
  ...suites.slice(0, 1).map(integration),
  {
    name: 'check',
    command: ['npm', 'run', '--silent', 'check'],
    env,
    after,
    reports: ['tools.test.json'],
  },
  {
    name: 'unit tests',
    command: ['nx', 'run-many', '-t', 'test', '--skip-nx-cache'],
    env,
    after,
    reports: projectsWith('test').map(
      (name) => `${name}.test.${name === 'spark' ? 'xml' : 'json'}`,
    ),
  },
  ...(engine === undefined ? [] : [onDocker]),
  ...suites.slice(1).map(integration),
];

const start = Date.now();
const outcomes = await runSteps(steps, { cwd: root });
const seconds = Math.round((Date.now() - start) / 1000);

const failed = [
  ...verdicts.flatMap(({ fault }) => fault ?? []),
  ...outcomes.filter(({ failure }) => failure !== undefined).map(({ name }) => name),
];
const found = readReports(reports);
for (const { file, passed, failed: red } of found) {
  if (passed + red === 0) failed.push(`${file} ran no test`);
}
for (const file of steps.flatMap((step) => step.reports)) {
  if (!found.some((report) => report.file === file)) {
    failed.push(`${file} is missing: its tests did not run`);
  }
}
const faults = readFaultCounts(reports);
if (faults.length === 0) failed.push('no fault was counted');
const total = totals(found);
if (total.skipped > 0) failed.push(`${total.skipped} tests were skipped`);
console.log(`\n${table(found)}\n`);
for (const { line } of faults) console.log(`faults: ${line}`);
console.log(faultSum(faults));
console.log(
  `\n${timeTable(steps, outcomes, found)}\n\n${machine}; ${isNightly ? 'all tests' : 'without the tests of the night'}; ${seconds} s in all`,
);
for (const line of failures(found)) console.log(line);
if (failed.length > 0) console.log(`\nFAILED: ${failed.join('; ')}`);
const red = Math.max(total.failed, failed.length > 0 ? 1 : 0);
console.log(`\n${total.passed} passed, ${red} failed`);
process.exit(red > 0 ? 1 : 0);
