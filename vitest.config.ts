import { configDefaults, defineConfig } from 'vitest/config';
import { reporters } from './tools/test-report.mjs';

/** Unit tests: beside the code, no network, no servers. A project without any is a fault. */
export default defineConfig({
  test: {
    include: ['{src,test}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/*.{it,fault}.test.ts'],
    passWithNoTests: false,
    // Nothing is timed: a machine may be busy.
    testTimeout: 30_000,
    reporters: reporters('test'),
  },
});
