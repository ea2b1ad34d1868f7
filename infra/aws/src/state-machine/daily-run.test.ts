import { pipeline, stageOf, upstreamJobs, type JobName } from '@user-behaviour/shared/pipeline';
import { retriedExits } from '@user-behaviour/shared/failure';
import validate from 'asl-validator';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { exampleRun } from '../../test/example-run.ts';
import { dailyRun } from './daily-run.ts';
import { commandOf, daysOfInput, delay, isInputGood, mayPass, saidLast } from './expressions.ts';
import { finalExits, severity } from './retry-policy.ts';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Branches?: readonly Machine[];
  readonly ItemProcessor?: Machine;
}
interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const definition = dailyRun(exampleRun) as unknown as Machine;

/** By JSONata's reference engine, in the release that Step Functions follows. */
async function evaluate(text: string, states: object): Promise<unknown> {
  const expression = jsonata(text.replace(/^\{%|%\}$/g, ''));
  expression.registerFunction('parse', (json: string) => JSON.parse(json) as unknown);
  const name = { context: { Execution: { Name: 'aaaa' } } };
  const result: unknown = await expression.evaluate(undefined, { states: { ...name, ...states } });
  return JSON.parse(JSON.stringify(result)) as unknown;
}

const all = ({ States }: Machine): readonly (readonly [string, State])[] =>
  Object.entries(States).flatMap(([name, state]) => [
    [name, state] as const,
    ...(state.Branches ?? []).flatMap(all),
    ...(state.ItemProcessor === undefined ? [] : all(state.ItemProcessor)),
  ]);

describe('the definition', () => {
  it('is valid in the Amazon States Language', () => {
    expect(validate(JSON.parse(JSON.stringify(definition))).errorsText()).toBe('');
  });

  it('has no state twice: names are unique in a whole machine', () => {
    const names = all(definition).map(([name]) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('sets no variable: those of a branch end with it', () => {
    expect(JSON.stringify(definition)).not.toContain('"Assign"');
  });

  it('starts each job only after the jobs whose results it reads', () => {
    const day = definition.States['days']?.ItemProcessor;
    const branches = day?.States['purchases and reviews']?.Branches ?? [];
    const isJob = (name: string) => pipeline.some((stage) => stage.name === name);
    const order = branches.map(({ States }) => Object.keys(States).filter(isJob) as JobName[]);
    const inBranches = order.flat();
    expect([...inBranches, 'redshift-load'].toSorted()).toEqual(
      pipeline.map(({ name }) => name).toSorted(),
    );
    for (const branch of order) {
      for (const [index, job] of branch.entries()) {
        expect(upstreamJobs(stageOf(job))).toEqual(index === 0 ? [] : [branch[index - 1]]);
      }
    }
    expect(upstreamJobs(stageOf('redshift-load')).every((job) => inBranches.includes(job))).toBe(
      true,
    );
  });
});

describe('the exit codes', () => {
  it('are each final or tried again', () => {
    expect([...finalExits, ...retriedExits].toSorted()).toEqual(severity.toSorted());
  });

  it.each<[number | undefined, boolean]>([
    ...finalExits.map((exit): [number, boolean] => [exit, false]),
    [75, true],
    [143, true],
    [137, true],
    [undefined, true],
  ])('%s is tried again: %s', async (exit, expected) => {
    const input = { tries: 1, failure: { exit, isTimeout: false } };
    expect(await evaluate(mayPass, { input })).toBe(expected);
  });

  it('are tried six more times, after a pause that doubles up to half an hour', async () => {
    const failure = { exit: 75, isTimeout: false };
    const pauses: unknown[] = [];
    for (let tries = 1; tries <= 7; tries += 1) {
      const states = { input: { tries, failure } };
      if (await evaluate(mayPass, states)) pauses.push(await evaluate(delay, states));
    }
    expect(pauses).toEqual([300, 600, 1200, 1800, 1800, 1800]);
  });
});

describe('the days of an input', () => {
  it.each<[object, boolean]>([
    [{ ds: '2010-12-01' }, true],
    [{ from: '2010-12-01', to: '2010-12-02' }, true],
    [{ scheduledTime: '2010-12-02T00:15:00Z' }, true],
    [{ scheduledTime: '2010-12-02T13:15:00Z', offset: 0 }, true],
    [{ scheduledTime: '2010-12-02T13:15:00Z', offset: 2 }, false],
    [{ ds: 20101201, scheduledTime: '2010-12-02T00:15:00Z' }, false],
    [{ to: '2010-12-02' }, false],
    [{}, false],
  ])('of %j are good: %s', async (input, expected) => {
    expect(await evaluate(isInputGood, { input })).toBe(expected);
  });

  it.each([
    [{}, '2010-12-01'],
    [{ offset: 1 }, '2010-12-01'],
    [{ offset: 0 }, '2010-12-02'],
  ])('with %j are %s at 13:15 on 2010-12-02', async (given, ds) => {
    const input = { scheduledTime: '2010-12-02T13:15:00Z', ...given };
    expect(await evaluate(daysOfInput, { input })).toMatchObject({ days: [{ day: { ds } }] });
  });

  it('cross months and leap years', async () => {
    const input = { from: '2012-02-28', to: '2012-03-02', together: 2 };
    expect(await evaluate(daysOfInput, { input })).toMatchObject({
      days: [
        { day: { ds: '2012-02-28', through: '2012-02-29', run: 'aaaa-0' } },
        { day: { ds: '2012-03-01', through: '2012-03-02', run: 'aaaa-1' } },
      ],
    });
  });

  it('are none of a range that ends before it begins', async () => {
    const input = { from: '2010-12-02', to: '2010-12-01' };
    expect(await evaluate(daysOfInput, { input })).toEqual({ days: [] });
  });
});

describe('the command of a job', () => {
  const day = { ds: '2010-12-01', through: '2010-12-01', run: 'r1', wait: '6h' };

  it('has the day, and the run if a try goes on with the work of the one before', async () => {
    const command = (resumes: boolean) =>
      evaluate(commandOf({ waits: false, looksBack: 0, resumes }), { input: { day } });
    expect(await command(true)).toEqual(['--ds=2010-12-01', '--run-id=r1', '--log-format=json']);
    expect(await command(false)).toEqual(['--ds=2010-12-01', '--log-format=json']);
  });

  it('waits for the vendor in its first two tries only', async () => {
    const waiting = (tries: number) =>
      evaluate(commandOf({ waits: true, looksBack: 0, resumes: false }), { input: { day, tries } });
    for (const tries of [0, 1]) expect(await waiting(tries)).toContain('--wait=6h');
    for (const tries of [2, 6]) expect(await waiting(tries)).not.toContain('--wait=6h');
  });

  it('has the wait of the schedule, if the input may arrive late, and the end of a range', async () => {
    const input = { day: { ...day, through: '2010-12-03' }, tries: 0 };
    expect(
      await evaluate(commandOf({ waits: true, looksBack: 0, resumes: false }), { input }),
    ).toEqual(['--ds=2010-12-01', '--through=2010-12-03', '--wait=6h', '--log-format=json']);
  });
});

describe('a look back', () => {
  const day = { ds: '2010-12-01', through: '2010-12-01', run: 'r1', lookBack: 7 };
  const command = (input: unknown, looksBack = 1) =>
    evaluate(commandOf({ waits: false, looksBack, resumes: true }), { input });

  it('is for a job that can compare, and for the scheduled run, whose input says how far', async () => {
    expect(await command({ day })).toContain('--look-back=7');
    expect(await command({ day }, 2)).toContain('--look-back=14');
    expect(await command({ day }, 0)).toEqual(
      await command({ day: { ...day, lookBack: undefined } }),
    );
    const input = { scheduledTime: '2010-12-02T00:15:00Z', wait: '6h', lookBack: 7 };
    expect(await evaluate(daysOfInput, { input })).toMatchObject({
      days: [{ day: { ds: '2010-12-01', lookBack: 7 } }],
    });
    const typed = { ...day, lookBack: undefined };
    expect(await command({ day: typed })).toEqual([
      '--ds=2010-12-01',
      '--run-id=r1',
      '--log-format=json',
    ]);
  });
});

describe('what a job said last', () => {
  const input = {
    day: {},
    outcomes: [],
    tries: 1,
    failure: { exit: 65, reason: 'it ended', task: 't' },
  };
  const said = async (...lines: readonly string[]) => {
    const result = { Events: lines.map((Message) => ({ Message })) };
    const { outcomes } = (await evaluate(saidLast('emr-clean'), { input, result })) as {
      outcomes: readonly { message: string }[];
    };
    return outcomes[0]?.message;
  };

  it('is the summary line of the failed day', async () => {
    expect(
      await said(
        '{"level":50,"msg":"first"}',
        '{"status":"failed","message":"bad rows","action":"mend them"}',
        '{"level":30,"msg":"bye"}',
      ),
    ).toBe('bad rows (mend them)');
  });

  it('is the last error of a job that did not get to its days', async () => {
    expect(await said('{"level":50,"msg":"no bucket","action":"set it"}', 'not json {')).toBe(
      'no bucket (set it)',
    );
  });

  it('is the last line of a job that logs no JSON, and what ECS says of one without any', async () => {
    expect(await said('emr-clean: --ds is missing', 'see --help')).toBe('see --help');
    expect(await said()).toBe('it ended');
  });
});
