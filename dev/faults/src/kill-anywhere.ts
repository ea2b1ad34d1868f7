/** Injects every fault at every effect of one job, a day each, and then runs the job again. A quick run takes a sample. */
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { type Ds, nextDs } from '@user-behaviour/shared/ds';
import type { BundledJob, Ended } from '@user-behaviour/testkit/bundled-job';
import { isChosen } from './choice.ts';
import type { Counts } from './counts.ts';
import { dayArguments } from './day-arguments.ts';
import { FaultSchedule } from './inject/fault-schedule.ts';
import { type Fault, faults, isKill } from './inject/fault.ts';
import { openFaultProxy, type Variables } from './inject/fault-proxy.ts';
import { RowTally } from './observe/row-tally.ts';

/** Whether the rerun is a new run, as with a scheduler, or has the run id of the disturbed one. */
type Rerun = 'new run' | 'same run';

export interface Case {
  readonly effect: string;
  readonly fault: Fault;
  readonly rerun: Rerun;
  readonly days: readonly Ds[];
}

/** The state of a day, without the values that differ between runs. */
export interface DayState {
  /** Compared as a multiset, so that lost and doubled rows can be counted. */
  readonly rows: readonly string[];
  readonly rest: unknown;
}

export interface Experiment {
  readonly job: BundledJob;
  readonly env: Variables;
  /** The first day; each case takes the next ones. All days have the same content. */
  readonly firstDay: Ds;
  /** How many days each process does; default: 1. */
  readonly daysEach?: number;
  readonly state: (ds: Ds) => Promise<DayState>;
  /** Selects the effects to disturb; default: all. */
  readonly chosen?: (effect: string) => boolean;
  readonly faults?: readonly Fault[];
  /** Called before the cases run, with their days. */
  readonly prepare?: (days: readonly Ds[]) => Promise<void>;
  readonly parallel?: number;
  /** Additional arguments of every run, e.g. a time to wait. */
  readonly argv?: readonly string[];
}

export interface Tally {
  readonly effects: readonly string[];
  /** How many faults were really injected. */
  readonly injected: number;
  readonly rows: RowTally;
  /** One sentence for each case that did not end like an undisturbed run. */
  readonly problems: readonly string[];
}

const sameRun = 'same';

/** Runs the job undisturbed on the first day; then one day for each effect and fault. */
export async function killAnywhere(experiment: Experiment): Promise<Tally> {
  const { firstDay, daysEach = 1, chosen = () => true } = experiment;
  const nextDays = calendar(firstDay, daysEach);
  const firstDays = nextDays();
  await experiment.prepare?.(firstDays);
  const undisturbed = await runWithFault(experiment, firstDays, undefined, []);
  if (undisturbed.ended.code !== 0) throw new Error(describeEnd(undisturbed.ended));
  const state = async (days: readonly Ds[]): Promise<DayState> => {
    const states = await Promise.all(days.map((ds) => experiment.state(ds)));
    return { rows: states.flatMap((day) => day.rows), rest: states.map(({ rest }) => rest) };
  };
  const expected = await state(firstDays);
  const expectedRest = JSON.stringify(expected.rest, undefined, 1);
  const effects = undisturbed.effects.filter(chosen);
  const cases = casesOf(effects, experiment.faults ?? (Object.keys(faults) as Fault[]), nextDays);
  await experiment.prepare?.(cases.flatMap(({ days }) => days));

  const problems: string[] = [];
  const rows = new RowTally();
  let injected = 0;
  const compare = async (one: Case, when: string) => {
    const found = await state(one.days);
    const rest = JSON.stringify(found.rest, undefined, 1);
    const whole = rows.compare(expected.rows, found.rows);
    if (whole && rest === expectedRest) return;
    const lines = `${found.rows.length} of ${expected.rows.length} rows`;
    problems.push(`${title(one)}, ${when}: found ${lines}, ${rest}; expected ${expectedRest}`);
  };
  const disturb = async (one: Case) => {
    const argv = one.rerun === 'same run' ? [`--run-id=${sameRun}`] : [];
    const { ended, met } = await runWithFault(experiment, one.days, one, argv);
    injected += met ? 1 : 0;
    if (!met) problems.push(`${title(one)}: the effect was never reached`);
    if (!mayEnd(one.fault, ended.code)) problems.push(`${title(one)}: ${describeEnd(ended)}`);
    if (ended.code === 0) await compare(one, 'without a rerun');
  };
  await mapConcurrently(experiment.parallel ?? 5, cases, disturb);

  for (const rerun of ['new run', 'same run'] as const) {
    const block = cases.filter((one) => one.rerun === rerun);
    const [first, last] = [block[0]?.days[0], block.at(-1)?.days.at(-1)];
    if (first === undefined || last === undefined) continue;
    const run = rerun === 'same run' ? [`--run-id=${sameRun}`] : [];
    const range = [`--ds=${first}`, `--through=${last}`, '--parallel=4', ...run];
    const ended = await experiment.job.run(experiment.env, ...range, ...(experiment.argv ?? []));
    if (ended.code !== 0) problems.push(`${rerun} of ${first} to ${last}: ${describeEnd(ended)}`);
    for (const one of block) await compare(one, `after the ${rerun}`);
  }
  return { effects, injected, rows, problems };
}

export const countsOf = ({ effects, injected, rows, problems }: Tally): Counts => ({
  'effects named': effects.length,
  'faults injected': injected,
  survived: injected - problems.length,
  ...rows.counts,
});

/** Returns the next `count` days at each call. */
function calendar(first: Ds, count: number): () => readonly Ds[] {
  let next = first;
  return () =>
    Array.from({ length: count }, () => {
      const ds = next;
      next = nextDs(ds);
      return ds;
    });
}

function casesOf(
  effects: readonly string[],
  kinds: readonly Fault[],
  nextDays: () => readonly Ds[],
): Case[] {
  const plans = (['new run', 'same run'] as const).flatMap((rerun) => {
    const own = kinds.filter((fault) => rerun === 'new run' || isKill(fault));
    return effects.flatMap((effect, row) =>
      own
        .filter((_, column) => isChosen(row, column, Math.min(3, own.length)))
        .map((fault) => ({ effect, fault, rerun })),
    );
  });
  return plans.map((plan) => ({ ...plan, days: nextDays() }));
}

/** A killed process has no exit code; any other must succeed or ask for a retry. */
const mayEnd = (fault: Fault, code: number | null): boolean =>
  isKill(fault) ? code === null : code === 0 || code === 75;

const title = ({ effect, fault, rerun, days }: Case): string =>
  `${effect}, ${fault} (${rerun}, ${days[0] ?? ''})`;

function describeEnd({ code, summaries, log }: Ended): string {
  const output = [...summaries, ...log.slice(-6)].map((line) => JSON.stringify(line));
  return `ended with ${String(code)}: ${output.join('\n  ')}`;
}

async function runWithFault(
  experiment: Experiment,
  days: readonly Ds[],
  injection: Case | undefined,
  argv: readonly string[],
) {
  const schedule = new FaultSchedule(injection === undefined ? [] : [injection]);
  await using proxy = await openFaultProxy(experiment.env, { schedule });
  const running = experiment.job.start(
    proxy.env,
    ...dayArguments(days),
    ...argv,
    ...(experiment.argv ?? []),
  );
  proxy.killTarget(running.child);
  const ended = await running.ended;
  return { ended, effects: schedule.names, met: schedule.unmet.length === 0 };
}
