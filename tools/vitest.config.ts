import './test-run/without-local-cloud.mjs';
import { defineConfig } from 'vitest/config';
import { reporters } from './test-report.mjs';

/** Rules about the repository as a whole; a question to Nx takes a second or two. */
export default defineConfig({
  test: {
    include: ['*.test.ts', 'demo/*.test.ts', 'test-run/*.test.ts'],
    passWithNoTests: false,
    testTimeout: 60_000,
    reporters: reporters('test', 'tools'),
  },
});
