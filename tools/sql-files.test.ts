import { basename, dirname, matchesGlob } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { code, paths, sources, text } from './workspace-files.ts';

const files = paths('sql/**/*.sql');

/** Run once by a DBA; no job needs them. */
const isSourceDdl = (path: string) => matchesGlob(path, 'sql/source/{*,capture/0*}.sql');
/** Run by the operator, which is not bundled. */
const isReport = (path: string) =>
  matchesGlob(path, 'sql/{source,warehouse}/{report,quality}/*.sql');

function assetsOf(job: string): readonly string[] {
  const { assets = [] } = JSON.parse(text(`packages/${job}/package.json`)) as { assets?: string[] };
  return assets;
}

/** Whether the project names the file by its path or its name alone, or the folder as a whole. */
const uses = (project: string, path: string): boolean =>
  [...sources(project), ...sources('source')].some((source) =>
    [path, basename(path, '.sql'), dirname(path)].some((name) =>
      code(source).includes(`'${name}'`),
    ),
  );

describe('a SQL file', () => {
  it.each(files.filter((path) => !isSourceDdl(path) && !isReport(path)))(
    'is shipped and used by a job: %s',
    (path) => {
      const owners = [...jobs, 'capture-purchases'].filter((job) =>
        assetsOf(job).some((pattern) => matchesGlob(path, pattern)),
      );
      expect(owners).not.toEqual([]);
      for (const job of owners) expect(uses(job, path)).toBe(true);
    },
  );

  it.each(files.filter(isReport))('of a report is used by the operator: %s', (path) => {
    expect(uses('operator', path)).toBe(true);
  });

  it('that nothing uses is the DDL of the source', () => {
    expect(files.filter(isSourceDdl).sort()).toEqual([
      'sql/source/001_user_purchase.sql',
      'sql/source/capture/010_identity_and_publication.sql',
      'sql/source/capture/020_role.sql',
      'sql/source/capture/090_drop.sql',
    ]);
  });

  it('that TypeScript names exists', () => {
    for (const path of paths('{packages,dev,infra,tools}/**/*.ts')) {
      const named = text(path).match(/\bsql\/(?:source|warehouse)\/[\w/]+\.sql/g) ?? [];
      expect(named.filter((name) => !files.includes(name))).toEqual([]);
    }
  });
});

/** Each stays a statement that a DBA can run by itself, so what they share is there three times. */
it('the rules of an unusual share differ only in what they count and say', () => {
  const rules = ['buyers_with_reviews', 'positive_share', 'without_customer'].map((name) =>
    text(`sql/warehouse/quality/${name}.sql`),
  );
  const shared = rules.map((sql) => {
    const { history = '', condition = '' } =
      /^(?<history>pairs as .*?\n\)\n)\nselect\n.*?\n(?<condition>from spread\n.*)$/ms.exec(sql)
        ?.groups ?? {};
    return history + condition;
  });
  expect(shared[0]).toContain('median(abs(pairs.share - usual.share))');
  expect(shared[0]).toContain('where abs(daily.share - spread.share) > 5 * greatest(');
  expect(new Set(shared).size).toBe(1);
});

/** Statements, wherever they are in a text; prose such as `create the bucket` does not match. */
const statement = new RegExp(
  [
    String.raw`\bselect\s+(\*|\d|\w+\(|[\s\S]*\sfrom\s)`,
    String.raw`\b(insert\s+into|delete\s+from|update\s+\S+\s+set)\b`,
    String.raw`\b(create|drop|alter)\s+((temp|external|unique|or replace)\s+)?(table|schema|index|view|role)\b`,
    String.raw`\block\s+(table\s+)?\w+\.`,
    String.raw`\b(truncate|vacuum|set\s+transaction)\b`,
    String.raw`\b(copy|explain)\s*\(`,
    String.raw`^(begin|commit|rollback)(\s+(isolation|transaction|work)\b|$)`,
  ].join('|'),
  'i',
);

const extract = 'packages/extract-purchases/src';
const source = 'packages/source/src';
const capture = 'packages/capture-purchases/src';

/** Texts that may stay, with the reason. `…` replaces a value. */
const allowed: Readonly<Record<string, readonly (readonly [path: string, text: string])[]>> = {
  'begins, shares and ends a transaction, or cancels a query': [
    [`${source}/session.ts`, 'begin isolation level repeatable read read only'],
    [`${source}/session.ts`, "set transaction snapshot '…'"],
    [
      `${source}/session.ts`,
      'select set_config(name, value, true) from …\n     where current_setting(name, true) is not null',
    ],
    [
      `${source}/session.ts`,
      'select wanted.name, wanted.value as wanted, setting as found\n     from …\n     left join pg_settings on lower(pg_settings.name) = wanted.name',
    ],
    [`${extract}/source/snapshot.ts`, 'select pg_export_snapshot() as name'],
    [`${extract}/source/snapshot.ts`, 'commit'],
    [`${extract}/source/snapshot.ts`, 'rollback'],
    [`${extract}/source/pool.ts`, 'rollback'],
    [`${extract}/checks.ts`, 'rollback'],
    [
      `${extract}/source/pool.ts`,
      "select pg_cancel_backend(pid) from pg_stat_activity\n         where pid = $1 and to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') = $2",
    ],
  ],
  'encloses the query of a day, which is in sql/source/extract': [
    [`${extract}/source/statements.ts`, '…; select * from (…) as day limit 0; commit'],
    [`${extract}/source/statements.ts`, 'explain (format json, verbose) …'],
    [
      `${extract}/source/query.ts`,
      'savepoint copying; copy (…) to stdout (format text); release savepoint copying',
    ],
    [`${extract}/source/query.ts`, 'select * from (…) as purchase where unit_price is not null'],
    [
      `${extract}/source/snapshot.ts`,
      '…; select reason, count(*)::float8 as rows from (…) as judged group by reason',
    ],
    [
      `${extract}/source/snapshot.ts`,
      "(select reason, place from (…) as judged where reason = '…' limit …)",
    ],
    [`${extract}/source/snapshot.ts`, 'select … from (…) as judged where reason is not null'],
  ],
  'is shown to the operator, who may run it': [
    [
      `${capture}/source/requirements.ts`,
      'the source is a replica with hot_standby_feedback=off: a vacuum on its primary loses the slot',
    ],
    [`${extract}/table/table-parts.ts`, 'create index concurrently …on … (invoice_date)'],
    [
      `${source}/errors.ts`,
      'exempt the user from row-level security (alter role … bypassrls), or use a role that sees all rows',
    ],
    [
      `${extract}/checks.ts`,
      'create a role for the job: create role extract login; grant usage on schema retail to extract; grant select on retail.user_purchase to extract',
    ],
    [
      'packages/operator/src/report.ts',
      'make query SQL="select * from public.user_behavior_metric_load"',
    ],
  ],
  'is the name of an event or of a message of the log': [
    ['packages/shared/src/s3/object-upload.ts', 'begin'],
    ...['begin', 'commit', 'truncate'].flatMap((name): (readonly [string, string])[] => [
      [`${capture}/changes/change-reader.ts`, name],
      [`${capture}/stream/pgoutput.ts`, name],
      [`${capture}/stream/pgoutput.ts`, name],
    ]),
    [`${capture}/stream/slot-stream.ts`, 'begin'],
    [`${capture}/stream/slot-stream.ts`, 'commit'],
  ],
};

/** The texts of a TypeScript file, with `…` for the values of a template. */
function textsOf(path: string): readonly string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node)) {
      const parts = node.templateSpans.map(({ literal }) => literal.text);
      texts.push([node.head.text, ...parts].join('…'));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text(path), ts.ScriptTarget.Latest));
  return texts;
}

it('no statement is in the TypeScript of a package, except for those that are allowed', () => {
  const found = paths('packages/*/src/**/*.ts')
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) =>
      textsOf(path)
        .filter((one) => statement.test(one))
        .map((one) => [path, one] as const),
    );
  expect(found.toSorted()).toEqual(Object.values(allowed).flat().toSorted());
});

it.each([
  'select 1 as one',
  'select * from (…) as day limit 0',
  'insert into public.x values (1)',
  'delete from public.x',
  'update public.x set y = 1',
  'create external table x (one integer)',
  'drop schema x',
  'lock public.x',
  'alter table x add column y integer',
])('a statement is recognised: %s', (sql) => {
  expect(statement.test(sql)).toBe(true);
});
