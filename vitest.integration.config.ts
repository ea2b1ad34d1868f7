import { join } from 'node:path';
import { env } from 'node:process';
import { defineConfig } from 'vitest/config';
import { reporters } from './tools/test-report.mjs';

/** Integration tests: real servers, started by the test itself. Spark and Postgres need their time. */
export default defineConfig({
  test: {
    include: ['test/**/*.{it,fault}.test.ts'],
    passWithNoTests: false,
    fileParallelism: false,
    globalSetup: join(import.meta.dirname, 'dev/testkit/src/servers/global-setup.ts'),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: reporters(
      env['INTEGRATION_BACKEND'] === 'docker' ? 'integration-docker' : 'integration',
    ),
  },
});
