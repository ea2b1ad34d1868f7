import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from 'vitest';
import { faultsOfVariables, variablesOfTargets } from './make-variables.mjs';

const root = join(import.meta.dirname, '../../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('a variable of make', () => {
  it.each<[string[], string[], string[]]>([
    [['run'], ['DS', 'RETRIES', 'MIN_QUANTITY'], []],
    [
      ['run'],
      ['PURCHASE'],
      [
        'unknown variable PURCHASE: PURCHASES is for make demo, soak, seed, bench; make run takes DS, WAIT,',
      ],
    ],
    [['seed'], ['PURCHASE'], ['unknown variable PURCHASE: did you mean PURCHASES?']],
    [['seed', 'run'], ['PURCHASES', 'DS'], []],
    [['backfill'], ['FORM', 'To'], ['FORM: did you mean FROM?', 'To: did you mean TO?']],
    [['run'], ['MIN_QUANTTY'], ['did you mean MIN_QUANTITY?']],
    [['run'], ['JOB'], ['unknown variable JOB: JOB is for make image, aws-logs; make run takes']],
    [
      ['down'],
      ['DS'],
      [
        'unknown variable DS: DS is for make demo, run, runs, show, queries, spark-ui, original, aws-day; make down takes none',
      ],
    ],
    [
      [],
      ['DS'],
      [
        'unknown variable DS: DS is for make demo, run, runs, show, queries, spark-ui, original, aws-day; make help takes none',
      ],
    ],
    [['status'], ['INVOKED_FROM', 'SHELL'], []],
    [['no-such-target'], ['DS'], []],
  ])('make %j with %j', (targets, typed, expected) => {
    const faults = faultsOfVariables(targets, typed);
    expect(faults).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(faults[index]).toContain(text);
  });

  it('is known of every target that make help lists', () => {
    const targets = [...read('infra/Makefile').matchAll(/^([a-z-]+):.*## /gm)].map(
      ([, name]) => name,
    );
    expect(targets.length).toBeGreaterThan(10);
    expect(Object.keys(variablesOfTargets)).toEqual(expect.arrayContaining(targets));
  });

  it('may be any that a job declares', () => {
    const files = [
      'packages/*/src/config.ts',
      'packages/shared/src/{runner,runner/telemetry,lineage}/config.ts',
    ];
    const declared = globSync(files, { cwd: root }).flatMap((path) =>
      [...read(path).matchAll(/^ {2}([A-Z][A-Z0-9_]+): \w+\(/gm)].map(([, name = '']) => name),
    );
    const byKubernetes = [
      ...['KUBERNETES_JOB_NAME', 'SCHEDULE_OFFSET'],
      ...['BACKFILL_FROM', 'JOB_COMPLETION_INDEX'],
    ];
    expect(declared).toEqual(
      expect.arrayContaining(['HISTORY_END', 'MIN_QUANTITY', 'TRACEPARENT', ...byKubernetes]),
    );
    const typed = declared.filter((name) => !byKubernetes.includes(name));
    expect(faultsOfVariables(['run'], typed)).toEqual([]);
  });
});

describe('the program that make calls', () => {
  const check = (...argv: string[]) =>
    spawnSync(execPath, [join(import.meta.dirname, 'check-make-variables.mjs'), ...argv], {
      encoding: 'utf8',
    });

  it('ends with 64 and names what was mistyped', () => {
    expect(check('run', '--', 'DS', 'RETRYS')).toMatchObject({
      status: 64,
      stderr: 'unknown variable RETRYS: did you mean RETRIES?\n',
    });
  });

  it('says nothing if all are known', () => {
    expect(check('run', '--', 'DS')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(check('seed run', '--', 'DS PURCHASES')).toMatchObject({ status: 0 });
    expect(check('', '--', 'SHELL')).toMatchObject({ status: 0 });
  });
});
