/** SQLFluff as a second opinion on the statements of sql/ and infra/aws: each must parse in the dialect of its database. */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../..');
const program = join(root, '.local/python/bin/sqlfluff');

/** SQLFluff 4.5 does not know the partitions of external tables, which Redshift documents. */
const unknownToSqlfluff = ['add_purchases', 'add_reviews', 'set_purchases', 'set_reviews'].map(
  (name) => `sql/warehouse/partition/${name}.sql`,
);

/** A literal for each parameter, and a name or a number for each placeholder. */
function filled(sql: string): string {
  return sql
    .replaceAll(/\$\{(\w+)\}/g, (_, name: string) => (/^(rows|number)$/.test(name) ? '1' : 'x'))
    .replaceAll(/(?<![:\w]):'?(\w+)'?/g, `'x'`);
}

interface Report {
  readonly filepath: string;
  readonly violations: readonly {
    readonly code: string;
    readonly start_line_no: number;
    readonly description: string;
  }[];
}

/** The files that do not parse, with what SQLFluff says; its opinions on style do not count. */
function faults(
  dialect: string,
  files: Readonly<Record<string, string>>,
): Record<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sql-dialects-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [path, sql] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), sql);
  }
  const { stdout, stderr, error } = spawnSync(
    program,
    ['lint', '--dialect', dialect, '--rules', 'CP01', '--format', 'json', '.'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (error !== undefined) {
    throw new Error(`${program} does not run: infra/install.sh --dev installs it`, {
      cause: error,
    });
  }
  if (stdout === '') throw new Error(stderr);
  const reports = JSON.parse(stdout) as Report[];
  expect(reports).toHaveLength(Object.keys(files).length);
  return Object.fromEntries(
    reports.flatMap(({ filepath, violations }) => {
      const found = violations.filter(({ code }) => /^(PRS|LXR|TMP)/.test(code));
      const lines = found.map((one) => `line ${one.start_line_no}: ${one.description}`);
      return lines.length === 0 ? [] : [[filepath, lines]];
    }),
  );
}

const statements = (below: string): Record<string, string> =>
  Object.fromEntries(
    globSync(`${below}/**/*.sql`, { cwd: root }).map((path) => [
      path,
      filled(readFileSync(join(root, path), 'utf8')),
    ]),
  );

describe('SQLFluff', () => {
  it('parses every statement of the warehouse as Redshift', { timeout: 120_000 }, () => {
    const files = { ...statements('sql/warehouse'), ...statements('infra/aws/src/sql') };
    expect(files).toHaveProperty(['infra/aws/src/sql/setup.sql']);
    expect(Object.keys(faults('redshift', files)).sort()).toEqual(unknownToSqlfluff);
  });

  it('parses every statement of the source as PostgreSQL', { timeout: 120_000 }, () => {
    expect(faults('postgres', statements('sql/source'))).toEqual({});
  });

  it('finds a statement that Redshift cannot parse', { timeout: 120_000 }, () => {
    const files = { 'wrong.sql': 'select a frm t where;\n', 'right.sql': 'select a from t;\n' };
    expect(Object.keys(faults('redshift', files))).toEqual(['wrong.sql']);
  });
});
