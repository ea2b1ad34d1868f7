// Every check and every test, with a count at the end. A suite that ran no test is a failure.
//   REQUIRE_DOCKER=1  a Docker engine was promised: where none answers, that is a failure, too
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dockerEngine, dockerVerdict } from './docker-engine.mjs';
import { faultSum, readFaultCounts } from './fault-counts.mjs';
import { failures, readReports, table, totals } from './test-counts.mjs';

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
const local = { ...env, INTEGRATION_BACKEND: 'local' };
const docker = { ...env, INTEGRATION_BACKEND: 'docker' };

const engine = dockerEngine();
const verdict = dockerVerdict(engine, process.env.REQUIRE_DOCKER === '1');
console.error(`== ${verdict.words}`);

/** One tests the servers that it has itself; the other what the jobs do about faults, on any server. */
const ownServers = ['local-cloud', 'faults'];

const failed = verdict.fault === undefined ? [] : [verdict.fault];
const times = [];

/** A later step still runs when an earlier one failed, so that one run tells all. */
async function step(name, variables, command, ...args) {
  const start = Date.now();
  console.error(`\n== ${name}`);
  const child = spawn(command, args, { cwd: root, env: variables, stdio: 'inherit' });
  const [status, signal] = await once(child, 'close');
  const seconds = Math.round((Date.now() - start) / 1000);
  console.error(
    `== ${name}: ${status === 0 ? 'ok' : `FAILED (${signal ?? status})`}, ${seconds} s`,
  );
  times.push(`${name} ${seconds} s`);
  if (status !== 0) failed.push(name);
}

await step('check', env, 'npm', 'run', '--silent', 'check');
await step('bundle', env, 'nx', 'run-many', '-t', 'bundle');
const unit = ['-t', 'test', '--skip-nx-cache', '--parallel=2'];
await step('unit tests', env, 'nx', 'run-many', ...unit);
await step('integration, local', local, 'nx', 'run-many', '-t', 'integration', '--parallel=1');
if (engine !== undefined) {
  // One start of the containers for all suites, two of which run side by side.
  const servers = [process.execPath, 'dev/testkit/src/servers/main.ts'];
  const targets = [
    '-t',
    'integration',
    'image-test',
    `--exclude=${ownServers.join(',')}`,
    '--parallel=2',
  ];
  await step('integration, docker, and images', docker, ...servers, 'nx', 'run-many', ...targets);
}

const projectsWith = (target) =>
  JSON.parse(
    spawnSync('nx', ['show', 'projects', '--withTarget', target, '--json'], {
      cwd: root,
      env,
      encoding: 'utf8',
    }).stdout,
  );

/** Every project that has the target must have left a report: what did not run did not pass. */
function expected() {
  const integration = projectsWith('integration');
  const inDocker = integration.filter((project) => !ownServers.includes(project));
  return [
    'tools.test.json',
    ...projectsWith('test').map((name) => `${name}.test.${name === 'spark' ? 'xml' : 'json'}`),
    ...integration.map((name) => `${name}.integration.json`),
    ...(engine === undefined ? [] : inDocker.map((name) => `${name}.integration-docker.json`)),
    ...(engine === undefined
      ? []
      : projectsWith('image-test').map((name) => `${name}.image-test.json`)),
  ];
}

const found = readReports(reports);
for (const { file, passed, failed: red } of found) {
  if (passed + red === 0) failed.push(`${file} ran no test`);
}
for (const file of expected()) {
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
console.log(`\n${verdict.words}\n${times.join(', ')}`);
for (const line of failures(found)) console.log(line);
if (failed.length > 0) console.log(`\nFAILED: ${failed.join('; ')}`);
const red = Math.max(total.failed, failed.length > 0 ? 1 : 0);
console.log(`\n${total.passed} passed, ${red} failed`);
process.exit(red > 0 ? 1 : 0);
