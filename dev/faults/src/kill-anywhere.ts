/** One job, disturbed at each of its effects in every way, and then simply run again. */
import { type Ds, nextDs } from '@user-behaviour/shared/ds';
import type { BundledJob, Ended } from '@user-behaviour/testkit/bundled-job';
import type { Counts } from './counts.ts';
import { dayArguments } from './day-arguments.ts';
import { FaultSchedule } from './inject/fault-schedule.ts';
import { type Fault, faults, isKill } from './inject/fault.ts';
import { openFaultProxy, type Variables } from './inject/fault-proxy.ts';
import { RowTally } from './observe/row-tally.ts';

/** How the run after the disturbance is named: anew, as a scheduler does, or as the disturbed one. */
type Again = 'new run' | 'same run';

export interface Case {
  readonly effect: string;
  readonly fault: Fault;
  readonly again: Again;
  readonly days: readonly Ds[];
}

/** What a day has become, with its chance values taken out. */
export interface DayState {
  /** Compared as a multiset, so that what is lost or doubled can be counted. */
  readonly rows: readonly string[];
  readonly rest: unknown;
}

export interface Experiment {
  readonly job: BundledJob;
  readonly env: Variables;
  /** The first of as many days as there are cases; all days have the same content. */
  readonly firstDay: Ds;
  /** How many days each process does; default: one. */
  readonly daysEach?: number;
  readonly state: (ds: Ds) => Promise<DayState>;
  /** Which of the effects are disturbed; default: all. */
  readonly chosen?: (effect: string) => boolean;
  readonly faults?: readonly Fault[];
  /** Told before the cases begin: their days. */
  readonly prepare?: (days: readonly Ds[]) => Promise<void>;
  readonly parallel?: number;
  /** Arguments of every run, e.g. a time to wait. */
  readonly argv?: readonly string[];
}

export interface Tally {
  readonly effects: readonly string[];
  /** Faults that were really met. */
  readonly injected: number;
  readonly rows: RowTally;
  /** What did not end as an undisturbed run does; a sentence each. */
  readonly problems: readonly string[];
}

const sameRun = 'again';

/** Runs the job undisturbed on the first day; then one day for each effect and fault. */
export async function killAnywhere(experiment: Experiment): Promise<Tally> {
  const { firstDay, daysEach = 1, chosen = () => true } = experiment;
  const nextDays = calendar(firstDay, daysEach);
  const firstDays = nextDays();
  await experiment.prepare?.(firstDays);
  const undisturbed = await disturbed(experiment, firstDays, undefined, []);
  if (undisturbed.ended.code !== 0) throw new Error(said(undisturbed.ended));
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
    problems.push(
      `${title(one)}, ${when}: the world is ${lines}, ${rest}; expected ${expectedRest}`,
    );
  };
  const disturb = async (one: Case) => {
    const argv = one.again === 'same run' ? [`--run-id=${sameRun}`] : [];
    const { ended, met } = await disturbed(experiment, one.days, one, argv);
    injected += met ? 1 : 0;
    if (!met) problems.push(`${title(one)}: never came to that`);
    if (!mayEnd(one.fault, ended.code)) problems.push(`${title(one)}: ${said(ended)}`);
    if (ended.code === 0) await compare(one, 'without another run');
  };
  await atMost(experiment.parallel ?? 5, cases, disturb);

  for (const again of ['new run', 'same run'] as const) {
    const block = cases.filter((one) => one.again === again);
    const [first, last] = [block[0]?.days[0], block.at(-1)?.days.at(-1)];
    if (first === undefined || last === undefined) continue;
    const run = again === 'same run' ? [`--run-id=${sameRun}`] : [];
    const range = [`--ds=${first}`, `--through=${last}`, '--parallel=4', ...run];
    const ended = await experiment.job.run(experiment.env, ...range, ...(experiment.argv ?? []));
    if (ended.code !== 0) problems.push(`${again} of ${first} to ${last}: ${said(ended)}`);
    for (const one of block) await compare(one, `after the ${again}`);
  }
  return { effects, injected, rows, problems };
}

export const countsOf = ({ effects, injected, rows, problems }: Tally): Counts => ({
  'effects named': effects.length,
  'faults injected': injected,
  survived: injected - problems.length,
  ...rows.counts,
});

/** Gives as many days each time, one after another. */
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
  const plans = (['new run', 'same run'] as const).flatMap((again) =>
    effects.flatMap((effect) =>
      kinds
        .filter((fault) => again === 'new run' || isKill(fault))
        .map((fault) => ({ effect, fault, again })),
    ),
  );
  return plans.map((plan) => ({ ...plan, days: nextDays() }));
}

/** A killed process has no exit code; any other must have been able to do its work, or ask for another try. */
const mayEnd = (fault: Fault, code: number | null): boolean =>
  isKill(fault) ? code === null : code === 0 || code === 75;

const title = ({ effect, fault, again, days }: Case): string =>
  `${effect}, ${fault} (${again}, ${days[0] ?? ''})`;

function said({ code, summaries, log }: Ended): string {
  const words = [...summaries, ...log.slice(-6)].map((line) => JSON.stringify(line));
  return `ended with ${String(code)}: ${words.join('\n  ')}`;
}

async function disturbed(
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
  proxy.aim(running.child);
  const ended = await running.ended;
  return { ended, effects: schedule.names, met: schedule.unmet.length === 0 };
}

/** Works through the items in order, at most `limit` at a time. */
export async function atMost<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
