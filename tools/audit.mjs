// Asks the registry for known vulnerabilities of what the jobs ship. An unreachable registry, as on a
// machine without a network or behind a mirror, only warns, unless
//   REQUIRE_AUDIT=1  makes it a failure
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Milliseconds. */
const patience = 20_000;

const { stdout, error } = spawnSync(
  'npm',
  ['audit', '--omit=dev', '--audit-level=high', '--json', '--fetch-retries=0'],
  { cwd: join(import.meta.dirname, '..'), encoding: 'utf8', timeout: patience },
);

/** @returns {{ metadata?: { vulnerabilities: Record<string, number> }, vulnerabilities?: Record<string, { severity: string }> }} */
function answer() {
  try {
    return JSON.parse(stdout);
  } catch {
    return {};
  }
}

const { metadata, vulnerabilities = {} } = answer();
if (metadata === undefined) {
  console.error(
    `dependencies not audited: the registry did not answer${error ? ` (${error.message})` : ''}`,
  );
  process.exit(process.env.REQUIRE_AUDIT === '1' ? 1 : 0);
}
const grave = Object.entries(vulnerabilities).filter(([, { severity }]) =>
  ['high', 'critical'].includes(severity),
);
for (const [name, { severity }] of grave) console.error(`${severity}: ${name}`);
if (grave.length > 0) console.error('npm audit --omit=dev tells more');
process.exit(grave.length > 0 ? 1 : 0);
