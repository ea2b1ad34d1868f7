// Programs that some tests need and the project does not install: packages of the system.
import { spawnSync } from 'node:child_process';

/** @typedef {{ readonly program: string, readonly title: string, readonly tested: string, readonly variable: string, readonly tests: readonly string[] }} SystemProgram */

/** @type {readonly SystemProgram[]} */
export const systemPrograms = [
  {
    program: 'pgbouncer',
    title: 'PgBouncer',
    tested: 'poolers',
    variable: 'REQUIRE_PGBOUNCER',
    tests: ['test/pooler.it.test.ts', 'test/pooler.fault.test.ts'],
  },
  {
    program: 'psql',
    title: 'psql',
    tested: "the article's pipeline",
    variable: 'REQUIRE_PSQL',
    tests: ['test/original.it.test.ts'],
  },
  {
    program: 'chromium',
    title: 'Chromium',
    tested: 'the page in a browser',
    variable: 'REQUIRE_CHROMIUM',
    tests: ['test/page-in-browser.it.test.ts', 'test/ui-in-browser.it.test.ts'],
  },
  {
    program: 'promtool',
    title: 'promtool',
    tested: 'the alerts of Prometheus',
    variable: 'REQUIRE_PROMTOOL',
    tests: ['test/prometheus.it.test.ts'],
  },
];

/** Its version, or undefined where there is none. */
export function versionOf({ program }) {
  const { status, stdout } = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    // An ordinary user's PATH may lack the folders of servers.
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` },
  });
  return status === 0 ? /\d[\d.]*/.exec(stdout)?.[0] : undefined;
}

/** What the tests say about it at their beginning and end; `fault` when that is not good enough. */
export function verdictOn({ title, tested, variable }, version, required) {
  if (version !== undefined) return { words: `${title} ${version}: ${tested} tested` };
  const missing = `no ${title} is installed: ${tested} NOT tested here`;
  return required
    ? { words: missing, fault: `${missing}, though ${variable}=1` }
    : { words: missing };
}

/** The test files that cannot run here. */
export const testsWithoutProgram = () =>
  systemPrograms.flatMap((one) => (versionOf(one) === undefined ? one.tests : []));
