import './tools/test-run/without-local-cloud.mjs';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { imagesLeftOut } from './tools/integration-suites.mjs';
import { reporters } from './tools/test-report.mjs';

/** The images in containers; `nx run infra:image-test` builds them before. */
export default defineConfig({
  test: {
    include: ['*.image.test.ts'],
    exclude: [...configDefaults.exclude, ...imagesLeftOut],
    passWithNoTests: false,
    globalSetup: join(import.meta.dirname, 'dev/testkit/src/servers/global-setup.ts'),
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: reporters('image-test'),
  },
});
