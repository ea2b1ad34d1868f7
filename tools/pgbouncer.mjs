// Whether PgBouncer, a package of the system, is installed here, and whether it has to be.
import { spawnSync } from 'node:child_process';

/** Its version, or undefined where there is none. */
export function pgbouncerVersion() {
  const { status, stdout } = spawnSync('pgbouncer', ['--version'], {
    encoding: 'utf8',
    // An ordinary user's PATH may lack the folders of servers.
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` },
  });
  return status === 0 ? /\d[\d.]*/.exec(stdout)?.[0] : undefined;
}

/** What the tests say about it at their beginning and end; `fault` when that is not good enough. */
export function pgbouncerVerdict(version, required) {
  if (version !== undefined) return { words: `PgBouncer ${version}: poolers are tested` };
  const missing = 'no PgBouncer is installed: poolers are NOT tested here';
  return required
    ? { words: missing, fault: `${missing}, though REQUIRE_PGBOUNCER=1` }
    : { words: missing };
}

/** Test files that need it. */
export const poolerTests = ['test/pooler.it.test.ts', 'test/pooler.fault.test.ts'];
