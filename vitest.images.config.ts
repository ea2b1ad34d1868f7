import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { reporters } from './tools/test-report.mjs';

/** The images in containers; `nx run infra:image-test` builds them before. */
export default defineConfig({
  test: {
    include: ['*.image.test.ts'],
    passWithNoTests: false,
    globalSetup: join(import.meta.dirname, 'dev/testkit/src/servers/global-setup.ts'),
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: reporters('image-test'),
  },
});
