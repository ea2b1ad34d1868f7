import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const infra = join(import.meta.dirname, '..');

/** Runs make with what a user types and sets, without a shell in between. */
const makeWith = (variables: NodeJS.ProcessEnv, ...argv: string[]) =>
  new Promise<string>((resolve) => {
    // `make test` exports what it takes by default.
    const options = { env: { ...process.env, DS: undefined, ...variables } };
    execFile('make', ['-C', infra, ...argv], options, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
const make = (...argv: string[]) => makeWith({}, ...argv);

it.each([
  '$(touch FILE)',
  '`touch FILE`',
  "x'; touch FILE; 'y",
  'x"; touch FILE; "y',
  '$(shell touch FILE)',
])('what was typed reaches the program as it was typed, and no shell: %s', async (typed) => {
  const folder = mkdtempSync(join(tmpdir(), 'make-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'made');
  const text = typed.replace('FILE', file);
  expect(await make('status', `FROM=${text}`)).toContain(JSON.stringify(text));
  expect(existsSync(file)).toBe(false);
});

it.each([
  ['up', 'dev/local-cloud/src/main.ts up'],
  ['seed', 'dev/sample/src/main.ts --cwd'],
  ['run', 'packages/operator/src/main.ts run'],
  ['backfill', 'packages/operator/src/main.ts backfill'],
  ['plan', 'packages/operator/src/main.ts plan'],
  ['capture', 'packages/capture-purchases/dist/main.mjs'],
  ['catchup', 'packages/operator/src/main.ts catchup'],
  ['sweep', 'packages/operator/src/main.ts sweep'],
  ['erase', 'packages/operator/src/main.ts erase'],
  ['show', 'packages/operator/src/main.ts show'],
  ['queries', 'packages/operator/src/main.ts queries'],
  ['ui', 'packages/operator/src/main.ts ui'],
  ['psql', 'packages/operator/src/main.ts psql'],
  ['s3', 'packages/operator/src/main.ts s3'],
  ['migrate', 'packages/operator/src/main.ts migrate'],
  ['health', 'packages/operator/src/main.ts health --due='],
  ['rebuild-ledger', 'packages/operator/src/main.ts rebuild-ledger'],
  ['soak', 'dev/faults/src/main.ts'],
  ['spark-ui', 'packages/operator/src/main.ts spark-ui'],
  ['warehouse', 'exec psql'],
  ['bench', 'dev/bench/src/main.ts run'],
  ['aws-up', 'infra/aws/src/commands/main.ts up'],
  ['aws-push', 'infra/aws/src/commands/main.ts push'],
  ['aws-day', 'infra/aws/src/commands/main.ts day --ds='],
  ['aws-logs', 'infra/aws/src/commands/main.ts logs'],
  ['aws-cost', 'infra/aws/src/commands/main.ts cost'],
  ['aws-doctor', 'infra/aws/src/commands/main.ts doctor'],
  ['aws-down', 'infra/aws/src/commands/main.ts down'],
])(
  'make %s starts its program, whatever is typed or not',
  async (target, program) => {
    expect(await make('-n', target)).toContain(program);
  },
  60_000,
);

it.each([
  ['run', 'FROM=2010-12-01', 'FROM'],
  ['test', 'DS=2010-12-01', 'DS'],
  ['reset', 'APPLY=1', 'APPLY'],
  ['down', 'PURCHASE=x', 'PURCHASE'],
  ['demo', 'DRY_RUN=1', 'DRY_RUN'],
])('make %s starts nothing with %s, which it does not know', async (target, typed, name) => {
  const told = await make('-n', target, typed);
  expect(told).toContain(`unknown variable ${name}`);
  expect(told).not.toContain('node ');
});

it.each(['0', 'no', 'false'])('a switch that is %s is off', async (off) => {
  expect(await make('-n', 'sweep', `APPLY=${off}`, `YES=${off}`)).not.toMatch(/--(apply|yes)/);
  expect(await make('-n', 'run', `DRY_RUN=${off}`)).not.toContain('--dry-run');
});

it('make clean and reset only tell with DRY_RUN what they would remove', async () => {
  expect(await make('clean', 'DRY_RUN=1')).toContain('would remove node_modules');
  expect(existsSync(join(infra, '../node_modules/.installed'))).toBe(true);
});

it.each(['run', 'backfill', 'catchup'])(
  'make %s builds the images it will start',
  async (target) => {
    expect(await make('-n', target, 'RUNNER=docker')).toContain('nx run-many -t image ');
    expect(await make('-n', target)).toContain('nx run-many -t bundle ');
  },
);

it('make lets a program notice that its output is closed', async () => {
  const told = await make('-n', 'status');
  expect(told).toMatch(/true 3>&1; .*exec 1<\/dev\/null.*exec 2<\/dev\/null; cd "\$ROOT" && node/);
});

it('make plan, backfill and catchup know PAST', async () => {
  for (const target of ['plan', 'backfill', 'catchup']) {
    expect(await make('-n', target, 'PAST=1')).toContain('--depends-on-past');
    expect(await make('-n', target)).not.toContain('--depends-on-past');
  }
});

it('make spark-ui names a day only if one was typed, and runs nothing of it', async () => {
  expect(await make('-n', 'spark-ui')).not.toContain('--ds');
  expect(await make('-n', 'spark-ui', 'DS=2010-12-02')).toContain('--ds="$DS"');
  expect(await makeWith({ DS: '2010-12-02' }, '-n', 'spark-ui')).toContain('--ds="$DS"');
  // It has a default elsewhere.
  expect(await make('-n', 'show')).toContain('--ds="$DS"');
  const told = await make('spark-ui', 'DS=$(shell echo expanded)');
  expect(told).toContain('DS must be a real day such as 2010-12-01, not "$(shell echo expanded)"');
});

it('make seed loads nothing with DRY_RUN', async () => {
  expect(await make('-n', 'seed', 'DRY_RUN=1')).toContain('--dry-run');
  expect(await make('-n', 'seed')).not.toContain('--dry-run');
});

it('make plan, status, doctor, query, sweep, erase and show know JSON', async () => {
  for (const target of [
    'plan',
    'status',
    'doctor',
    'query',
    'queries',
    'sweep',
    'erase',
    'show',
    'psql',
  ]) {
    expect(await make('-n', target, 'JSON=1')).toMatch(/operator\/src\/main.ts [\s\S]*--json/);
    expect(await make('-n', target)).not.toContain('--json');
  }
});

it.each([
  ['of containers', 'REDSHIFT_WORKGROUP=local\n'],
  ['that is missing', undefined],
])('make warehouse refuses an environment file %s', async (_name, content) => {
  const folder = mkdtempSync(join(tmpdir(), 'make-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, '.env');
  if (content !== undefined) writeFileSync(file, content);
  const told = await makeWith({ ENV_FILE: file }, 'warehouse');
  expect(told).toContain(`${file} has no REDSHIFT_HOST`);
  expect(told).toContain('Error 78');
});

it('make health hands on addresses as they were typed, and leaves those of the environment file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'make-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, '.env');
  writeFileSync(file, 'PING_URL=ftp://of-the-file\n');
  const made = join(folder, 'made');
  const typed = `WEBHOOK_URL=$(shell touch ${made})`;
  const told = await makeWith({ ENV_FILE: file }, 'health', 'DUE=06:00', typed);
  expect(told).toContain('PING_URL is wrong: expected an http(s) URL; WEBHOOK_URL is wrong');
  expect(existsSync(made)).toBe(false);
  expect(await make('health', 'DAYS=7')).toContain('DUE is missing: make health DUE=06:00');
});

it('make s3 passes on the words of ARGS, as they are', async () => {
  expect(await make('s3', 'ARGS=ls a $(touch x)')).toContain('unexpected argument $(touch');
});

it.each([
  ['run', ['RETRIES=1', 'RETRY_DELAY=0', 'V=1', 'DRY_RUN=1']],
  ['backfill', ['RETRIES=1', 'RETRY_DELAY=0', 'V=1', 'DRY_RUN=1', 'YES=1']],
  ['catchup', ['RETRIES=1', 'RETRY_DELAY=0', 'V=1', 'DRY_RUN=1', 'YES=1']],
  ['sweep', ['DRY_RUN=1', 'YES=1']],
  ['run', ['FORCE=1']],
  ['plan', ['FORCE=1']],
  ['migrate', ['DRY_RUN=1']],
  ['ui', ['PORT=8080']],
  ['health', ['DAYS=7']],
  ['rebuild-ledger', ['FROM=2010-12-01', 'TO=2010-12-02', 'DRY_RUN=1', 'YES=1']],
  ['erase', ['RETRIES=1', 'RETRY_DELAY=0', 'V=1', 'DRY_RUN=1', 'YES=1']],
])('make %s hands on %j, and nothing that was not typed', async (target, typed) => {
  const options: Readonly<Record<string, string>> = {
    RETRIES: '--retries="$RETRIES"',
    RETRY_DELAY: '--retry-delay="$RETRY_DELAY"',
    V: '--verbose',
    DRY_RUN: '--dry-run',
    YES: '--yes',
    FORCE: '--force',
    FROM: '--from="$FROM"',
    TO: '--to="$TO"',
    PORT: '--port="$PORT"',
    DAYS: '--days="$DAYS"',
  };
  const [all, none] = [await make('-n', target, ...typed), await make('-n', target)];
  for (const variable of typed) {
    const option = options[variable.split('=')[0] ?? ''] ?? '';
    expect(all).toContain(option);
    expect(none).not.toContain(option);
  }
});

it('make names its own variables where something is wrong with them', async () => {
  const told = await make('sweep', 'OLDER=long');
  expect(told).toContain('operator: OLDER must be a time such as 30m, 24h or 7d, not long');
  expect(told).toContain('Error 64');
  expect(told).not.toContain('--older');
});
