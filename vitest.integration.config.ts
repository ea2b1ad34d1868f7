import './tools/test-run/without-local-cloud.mjs';
import { join, relative } from 'node:path';
import { cwd, env } from 'node:process';
import { configDefaults, defineConfig } from 'vitest/config';
import { dockerTests, leftOut } from './tools/integration-suites.mjs';
import { testsWithoutProgram } from './tools/test-run/system-programs.mjs';
import { reporters } from './tools/test-report.mjs';

const folder = relative(import.meta.dirname, cwd());
const onDocker = env['INTEGRATION_BACKEND'] === 'docker';

/** Integration tests: real servers, started by the test itself. Spark and Postgres need their time. */
export default defineConfig({
  test: {
    include: onDocker ? dockerTests(folder) : ['test/**/*.{it,fault}.test.ts'],
    // `make test` says so.
    exclude: [...configDefaults.exclude, ...testsWithoutProgram(), ...leftOut(folder)],
    passWithNoTests: false,
    fileParallelism: false,
    globalSetup: join(import.meta.dirname, 'dev/testkit/src/servers/global-setup.ts'),
    // Nothing is timed: a machine may be busy.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // The summary of a run repeats a failure's first line only: it must say what was found.
    chaiConfig: { truncateThreshold: 2000 },
    reporters: reporters(onDocker ? 'integration-docker' : 'integration'),
  },
});
