import { execPath } from 'node:process';
import { describe, expect, it, vi } from 'vitest';
import { doctorExit, doctorOutput, doctorTable, runJobChecks, type Finding } from './doctor.ts';
import { checkNode, checkPython } from './machine-checks.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const line = { check: 'cluster', result: 'ok', found: 'WAITING', exit: 0 } as const;
const ok: Finding = { ...line, component: 'emr-clean' };
const broken: Finding = { ...ok, result: 'FAIL', found: 'gone', action: 'start one', exit: 78 };
const busy: Finding = { ...broken, found: 'STARTING', action: 'wait', exit: 75 };
const never = new AbortController().signal;

/** A job that runs this JavaScript. */
const job = (text: string) => () =>
  Promise.resolve({ file: execPath, args: ['-e', text], env: {} });

describe('the job checks', () => {
  it('collect the findings of every job, also if one of them crashes', async () => {
    const findings = await runJobChecks(async (name) => {
      if (name === 'redshift-load') throw new Error('no such image');
      const says = `console.log(${JSON.stringify(JSON.stringify(line))});`;
      return job(name === 'emr-clean' ? `${says} process.exit(70)` : says)();
    }, never);
    expect(findings).toMatchObject([
      { ...line, component: 'extract-purchases' },
      { ...line, component: 'stage-reviews' },
      { ...line, component: 'emr-clean' },
      { component: 'emr-clean', result: 'FAIL', exit: 70 },
      {
        component: 'redshift-load',
        result: 'FAIL',
        found: expect.stringContaining('no such image') as string,
      },
    ]);
  });
});

describe('the table', () => {
  it('has one line per check and an action for each that is not ok', () => {
    const text = doctorTable([ok, broken]);
    expect(text).toContain('ok    emr-clean  cluster  WAITING');
    expect(text.split('\n').at(-1)).toBe('FAIL  emr-clean, cluster: start one');
    expect(doctorTable([ok])).not.toContain('\n\n');
  });

  it('goes on below where a terminal is too narrow', () => {
    const long = { ...broken, found: 'gone since the morning', action: 'start another one' };
    expect(doctorTable([ok, long], 40).split('\n')).toEqual([
      '      component  check    found',
      '----  ---------  -------  --------------',
      'ok    emr-clean  cluster  WAITING',
      'FAIL  emr-clean  cluster  gone since the',
      '                          morning',
      '',
      'FAIL  emr-clean, cluster: start another',
      '      one',
    ]);
  });
});

describe('the exit code', () => {
  it.each<[number, Finding[]]>([
    [0, [ok, { ...ok, result: 'warn', action: 'think' }]],
    [75, [ok, busy]],
    [78, [busy, broken]],
    [78, [{ ...broken, exit: 65 }]],
  ])('is %d', (exit, findings) => {
    expect(doctorExit(findings)).toBe(exit);
  });
});

describe('this machine', () => {
  it('needs Node 24', () => {
    expect(checkNode('24.1.0')).toMatchObject({ result: 'ok' });
    expect(checkNode('20.20.2')).toMatchObject({ result: 'FAIL', exit: 78 });
  });

  it('needs Python only for the local cloud', async () => {
    expect(await checkPython('/nowhere')).toMatchObject({ result: 'warn', exit: 0 });
  });
});

it('the document has the findings and the exit code', () => {
  expect(doctorOutput([ok, broken]).json()).toEqual({
    exit: 78,
    findings: [{ ...ok, action: null }, broken],
  });
});
