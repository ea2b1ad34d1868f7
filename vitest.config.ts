import './tools/test-run/without-local-cloud.mjs';
import { globSync, readFileSync } from 'node:fs';
import { configDefaults, defineConfig } from 'vitest/config';
import { reporters } from './tools/test-report.mjs';

const include = ['{src,test}/**/*.test.ts'];
const exclude = [...configDefaults.exclude, '**/*.{it,fault}.test.ts'];
const mocking = globSync(include, { exclude }).filter((file) =>
  /^vi\.mock\(/m.test(readFileSync(file, 'utf8')),
);

/** Unit tests: beside the code, no network, no servers. A project without any is a fault. */
export default defineConfig({
  test: {
    passWithNoTests: false,
    // Nothing is timed: a machine may be busy.
    testTimeout: 30_000,
    reporters: reporters('test'),
    projects: [
      // The files share processes, and with them what they import. It takes a third of the time.
      {
        extends: true,
        test: { name: 'sharing', include, exclude: [...exclude, ...mocking], isolate: false },
      },
      // A file that replaces modules has a process of its own: the others may hold the real ones already.
      { extends: true, test: { name: 'mocking', include: mocking, exclude, isolate: true } },
    ],
  },
});
