import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daysFrom, parseDs } from '@user-behaviour/shared/ds';
import { pipeline, ruledParameters } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { shapingVariables } from '../plan/day-settings.ts';
import { tellShellSettings } from './shell-settings.ts';

const base = { PIPELINE_BUCKET: 'stages', AWS_REGION: 'eu-west-1' };
const days = daysFrom(parseDs('2010-12-02'), parseDs('2010-12-04'));
const entry = (from: string | undefined, until: string | undefined, value: number | string) =>
  JSON.stringify({ parameter: 'minQuantity', from, until, value });

interface Files {
  /** Text of the environment file; `{rules}` is the path of the rules. */
  readonly file?: string;
  /** Entries of the rules. */
  readonly rules?: readonly string[];
}

/** The lines about these shell variables, given these files. `{rules}` stands for the path of the rules. */
async function told(shell: Readonly<Record<string, string>>, { file, rules = [] }: Files = {}) {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'settings-'));
  const path = join(folder.path, 'rules.json');
  writeFileSync(path, `{"version":1,"rules":[${rules.join(',')}]}`);
  const name = shell['ENV_FILE'] ?? '.env.local';
  if (file !== undefined) {
    writeFileSync(join(folder.path, name), file.replace('{rules}', path));
  }
  const { RULES, ...others } = shell;
  const environment = { ...base, INVOKED_FROM: folder.path, ...others };
  const inFile = file?.includes('{rules}') === true ? path : undefined;
  const set = RULES?.replace('{rules}', path) ?? inFile;
  const lines = await tellShellSettings(
    { ...environment, ...(set !== undefined && { RULES: set }) },
    days,
    folder.path,
  );
  return lines.map((line) => line.replaceAll(path, '{rules}'));
}

describe('a variable of the shell that the next catchup will not have', () => {
  it('is named, with how to keep its value', async () => {
    expect(await told({ MIN_QUANTITY: '5' }, { file: 'AWS_REGION=here\n' })).toEqual([
      `MIN_QUANTITY=5 is set in the shell only: the next catchup without it makes these days again with 2. To keep it for all days, set it in .env.local`,
      `To keep MIN_QUANTITY for these days alone, write {"version":1,"rules":[${entry('2010-12-02', '2010-12-04', 5)}]} to a file that RULES in .env.local names`,
    ]);
    expect((await told({ MIN_QUANTITY: '5' }, { file: 'MIN_QUANTITY=3\n' }))[0]).toMatch(
      /again with 3\. To keep it, set it in \.env\.local$/,
    );
    const others = await told({ OUTPUT_FORMAT: 'csv.gz', MAX_REJECTED_REVIEWS: '0.5' });
    expect(others.map((line) => line.split(' ')[0])).toEqual([
      'OUTPUT_FORMAT=csv.gz',
      'MAX_REJECTED_REVIEWS=0.5',
      'To',
    ]);
  });

  it('is kept by one file of rules for all such variables', async () => {
    const shell = { MIN_QUANTITY: '5', OUTPUT_FORMAT: 'csv.gz' };
    const format = entry('2010-12-02', '2010-12-04', 'csv.gz').replace('minQuantity', 'format');
    const entries = [entry('2010-12-02', '2010-12-04', 5), format];
    const lines = await told(shell, { file: '' });
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => line.includes('"rules":'))).toEqual([
      `To keep MIN_QUANTITY, OUTPUT_FORMAT for these days alone, write {"version":1,"rules":[${entries.join(',')}]} to a file that RULES in .env.local names`,
    ]);
    expect((await told(shell, { file: 'RULES={rules}\n' })).at(-1)).toBe(
      `To keep MIN_QUANTITY, OUTPUT_FORMAT for these days alone, ${entries.map((one) => `add to the rules in {rules}: ${one}`).join('; ')}`,
    );
  });

  it('is to be set in the file where no rule may set it', async () => {
    expect(await told({ MAX_LINE_SIZE: '2MiB' }, { file: '' })).toEqual([
      'MAX_LINE_SIZE=2MiB is set in the shell only: the next catchup without it makes these days again with 1048576. To keep it, set it in .env.local',
    ]);
  });

  it('says where to keep it', async () => {
    const shell = { MIN_QUANTITY: '5', ENV_FILE: 'production.env' };
    expect((await told(shell, { file: '' }))[1]).toMatch(/that RULES in production\.env names$/);
    expect((await told({ ...shell, ENV_FILE: '' }))[0]).toMatch(
      /set it in the environment of all later commands$/,
    );
  });

  it('says which entry to add to the rules', async () => {
    const file = 'RULES={rules}\n';
    expect((await told({ MIN_QUANTITY: '5' }, { file }))[1]).toMatch(
      `add to the rules in {rules}: ${entry('2010-12-02', '2010-12-04', 5)}`,
    );
  });

  it('says which entries there must be if the days have some', async () => {
    const file = 'RULES={rules}\n';
    const rules = [entry(undefined, '2010-12-03', 2), entry('2010-12-04', undefined, 3)];
    const [line, advice] = await told({ MIN_QUANTITY: '5' }, { file, rules });
    expect(line).toContain('again with 2 or 3.');
    const entries = [
      entry(undefined, '2010-12-01', 2),
      entry('2010-12-02', '2010-12-04', 5),
      entry('2010-12-05', undefined, 3),
    ];
    expect(advice).toContain(`let the entries of minQuantity in {rules} be ${entries.join(', ')}`);
  });
});

it('names rules that the next catchup will not have', async () => {
  const rules = [entry('2010-12-04', undefined, 5)];
  expect(await told({ RULES: '{rules}' }, { file: '', rules })).toEqual([
    'RULES={rules} is set in the shell only: the next catchup without it makes these days again with the settings of then. To keep it, set it in .env.local',
  ]);
});

it('says nothing of what the file, its rules or the default say as well', async () => {
  expect(await told({ MIN_QUANTITY: '5' }, { file: 'MIN_QUANTITY=5\n' })).toEqual([]);
  expect(await told({ MIN_QUANTITY: '2', OUTPUT_FORMAT: '' }, { file: '' })).toEqual([]);
  const file = 'RULES={rules}\n';
  const rules = [entry('2010-12-02', '2010-12-04', 5), entry('2010-12-05', undefined, 6)];
  expect(await told({ MIN_QUANTITY: '5' }, { file, rules })).toEqual([]);
  expect(await told({}, { file, rules })).toEqual([]);
  expect(await told({ RULES: '{rules}' }, { rules: [entry(undefined, '2010-12-01', 5)] })).toEqual(
    [],
  );
});

describe('a share of rejected purchases', () => {
  it('needs no advice without quarantine, where it changes no day', async () => {
    expect(await told({ MAX_REJECTED_PURCHASES: '0.5' }, { file: '' })).toEqual([]);
  });

  it('names the rule to write, with quarantine too', async () => {
    const file = 'BAD_PURCHASES=quarantine\n';
    const shell = { BAD_PURCHASES: 'quarantine', MAX_REJECTED_PURCHASES: '0.5' };
    const [line, ...others] = await told(shell, { file });
    expect(line).toContain('MAX_REJECTED_PURCHASES=0.5 is set in the shell only');
    expect(line).toContain('again with 0.01.');
    expect(others).toEqual([expect.stringMatching(/^To keep \w+ for these days alone/)]);
  });

  it('is not the cause if quarantine is set in the shell only', async () => {
    const [line, ...others] = await told({ BAD_PURCHASES: 'quarantine' }, { file: '' });
    expect(line).toContain('BAD_PURCHASES=quarantine is set in the shell only');
    expect(line).toContain('again with refuse.');
    expect(others).toEqual([expect.stringMatching(/^To keep \w+ for these days alone/)]);
  });
});

it('refuses a wrong variable or wrong rules before anything starts', async () => {
  await expect(told({ MIN_QUANTITY: 'wrong' })).rejects.toMatchObject({ exit: 78 });
  await expect(told({ RULES: '{rules}' }, { rules: ['{}'] })).rejects.toMatchObject({ exit: 78 });
});

it('knows every parameter that a variable sets', () => {
  const parameters = pipeline.flatMap(({ shapedBy }) => shapedBy);
  const known = shapingVariables.map(({ parameter }) => parameter);
  expect(known.sort()).toEqual(
    parameters.filter((name) => name !== 'script' && name !== 'loadSql').sort(),
  );
  expect(known).toEqual(expect.arrayContaining([...ruledParameters]));
});
