import { describe, expect, it } from 'vitest';
import type { Failure } from '@user-behaviour/shared/failure';
import { StatementError, type Submission } from '../data-api/request.ts';
import type { Row } from '../data-api/result.ts';
import { firstTables, migration, migrations } from './definitions.ts';
import { type FoundTables, withTables } from './found-tables.ts';
import { migrate } from './migrate.ts';

const old: FoundTables = withTables(new Map(), firstTables());
const made = migrations().filter(({ adds }) => adds === 'table');
const current: FoundTables = new Map(
  [...withTables(old, made)].map(([table, columns]) => [
    table,
    new Map([
      ...columns,
      ...migrations()
        .filter((one) => one.table === table)
        .flatMap((one) =>
          one.columns.map(({ name, type }) => [name, { type, isRequired: false }] as const),
        ),
    ]),
  ]),
);
const [first] = migrations();
const all = migrations().map(({ file, number }) => ({ number: String(number), name: file }));

/** A warehouse with these records, whose migrations end as `end` says. */
function warehouse(
  recorded: readonly Row[],
  end: () => Promise<string> = () => Promise.resolve('id'),
) {
  const sent: string[][] = [];
  return {
    sent,
    migrating: {
      prefix: 'p',
      log: undefined,
      look: () => Promise.resolve(current),
      api: {
        ask: () => Promise.resolve([...recorded]),
        run: ({ statements }: Submission) => {
          sent.push(statements.map(({ name }) => name));
          return end();
        },
      },
    },
  };
}

const failureOf = (call: () => Promise<unknown>): Promise<Failure> =>
  call().then(
    () => Promise.reject(new Error('expected a failure')),
    (error: unknown) => error as Failure,
  );

describe('migrate', () => {
  it('asks and changes nothing if every column is there', async () => {
    const { migrating, sent } = warehouse([]);
    const api = { ...migrating.api, ask: () => Promise.reject(new Error('a round trip')) };
    expect(await migrate(current, { ...migrating, api })).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('applies what is missing under the lock, with its record', async () => {
    const { migrating, sent } = warehouse([]);
    expect(await migrate(old, migrating)).toEqual(migrations());
    const records = all.map(() => 'record_migration');
    expect(sent).toEqual([
      ['lock', ...migrations().map(({ statement }) => statement.name), ...records],
    ]);
  });

  it('adds a column again that is recorded, because its table was made anew', async () => {
    const { migrating, sent } = warehouse(all);
    expect(await migrate(old, migrating)).toEqual(migrations());
    expect(sent[0]).not.toContain('record_migration');
  });

  it('records what another process has applied, where that is asked for', async () => {
    const { migrating, sent } = warehouse([]);
    expect(await migrate(current, { ...migrating, recordsAll: true })).toEqual([]);
    expect(sent).toEqual([['lock', ...all.map(() => 'record_migration')]]);
  });

  it('that another run overtakes finds the columns there', async () => {
    const error = new StatementError('ERROR: column "load_sql" already exists', first?.statement);
    const { migrating, sent } = warehouse([], () => Promise.reject(error));
    expect(await migrate(old, migrating)).toEqual([]);
    expect(sent).toHaveLength(1);
    const never = { ...migrating, look: () => Promise.resolve(old) };
    await expect(migrate(old, never)).rejects.toBe(error);
  });

  it('leaves a warehouse alone from which a newer release has removed a column', async () => {
    const { migrating, sent } = warehouse([...all, { number: '99', name: '099_drop_load_sql' }]);
    const failure = await failureOf(() => migrate(old, migrating));
    expect(failure.exit).toBe(78);
    expect(failure.message).toContain('has lost the column of 001_load_sql');
    expect(failure.message).toContain('_day of 002_user_behavior_metric_day is gone');
    expect(failure.message).toContain('a newer release has applied 099_drop_load_sql');
    expect(failure.action).toContain('deploy');
    expect(sent).toEqual([]);
  });

  it('keeps working in a warehouse to which a newer release has added columns', async () => {
    const newer = migration('099_x', {
      name: 'x',
      kind: 'migration',
      sql: 'alter table public.user_behavior_metric add column x integer',
    });
    const metric = current.get(newer.table) ?? new Map();
    const more = new Map([...metric, ['x', { type: 'integer', isRequired: false }]]);
    const found = new Map([...current, [newer.table, more]]);
    const { migrating } = warehouse([...all, { number: '99', name: '099_x' }]);
    expect(await migrate(found, migrating)).toEqual([]);
  });

  it('names a column that is lost, and what to do', async () => {
    const { migrating } = warehouse(all);
    const lost = new Map(current).set('public.user_behavior_metric', new Map());
    const failure = await failureOf(() => migrate(lost, migrating));
    expect(failure.exit).toBe(78);
    expect(failure.message).toContain('no column amount_spent decimal(18, 5)');
  });
});
