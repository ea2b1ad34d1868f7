/** From the runs of a section to its figures. */
import { median, range, ratio } from '../measure/statistics.ts';
import type { Entry, Result, Run } from '../result.ts';
import type { Section } from '../settings.ts';
import type { Figures, SectionFigures, Spread } from './section-figures.ts';

export const summarise = (result: Result): SectionFigures => ({
  ...result,
  entries: figuresOfEntries(result.section, result.entries),
});

export const figuresOfEntries = (section: Section, entries: readonly Entry[]): Figures[] =>
  entries.map((entry) =>
    figuresOf(entry, entries, section === 'ratios' ? ratioOfCpu : ratioOfTimes),
  );

type Compare = (entry: Entry, entries: readonly Entry[]) => number | undefined;

function figuresOf(entry: Entry, entries: readonly Entry[], compare: Compare): Figures {
  const { name, kind, size, rows, sameAsPostgres, note, runs } = entry;
  const of = (value: (run: Run) => number | undefined) =>
    medianOf(runs.flatMap((run) => value(run) ?? []));
  const tps = tpsOf(entry);
  const besideShop = tps.length > 0;
  return defined({
    ...{ name, kind, size, rows, sameAsPostgres, note },
    runs: runs.length,
    // Beside the shop, it is the time that the shop worked.
    time: besideShop ? undefined : spreadOf(runs.map(({ wall }) => wall)),
    ratio: besideShop ? ratioOfRounds(tps, entries[0]) : compare(entry, entries),
    cpu: of(({ cpu }) => cpu),
    serverCpu: of(({ serverCpu, shop }) =>
      // Beside the shop, for 1,000 of its transactions.
      serverCpu === undefined || shop === undefined
        ? serverCpu
        : (serverCpu / shop.transactions) * 1_000,
    ),
    memory: of(({ memory }) => memory),
    // Such a section measures each of them once.
    waits: runs[0]?.waits,
    calls: of(({ calls }) => calls),
    jobRuns: of(({ jobRuns }) => jobRuns),
    tps: besideShop ? spreadOf(tps) : undefined,
    p99: of(({ shop }) => shop?.p99),
    logWritten: of(({ log }) => log?.written),
    logKept: of(({ log }) => log?.kept),
  });
}

const medianOf = (values: readonly number[]) => (values.length === 0 ? undefined : median(values));

function spreadOf(values: readonly number[]): Spread {
  const [low, high] = range(values);
  return { median: median(values), low, high };
}

const tpsOf = ({ runs }: Entry): readonly number[] => runs.flatMap(({ shop }) => shop?.tps ?? []);

/** The baseline is the first entry of the same size that is not ours. */
const baselineOf = ({ size }: Entry, entries: readonly Entry[]): Entry | undefined =>
  entries.find((one) => one.kind !== 'ours' && one.size === size);

function ratioOfTimes(entry: Entry, entries: readonly Entry[]): number | undefined {
  const times = (one: Entry) => one.runs.map(({ wall }) => wall);
  const base = baselineOf(entry, entries);
  return ratio(times(entry), base === undefined ? undefined : times(base));
}

/**
 * Of the least disturbed runs. The time of the same program for a smaller size is subtracted: it is that of the
 * start, and would hide what the rows cost.
 */
function ratioOfCpu(entry: Entry, entries: readonly Entry[]): number | undefined {
  const least = (one: Entry | undefined) =>
    one === undefined ? 0 : Math.min(...one.runs.map(({ cpu = NaN }) => cpu));
  const cost = (one: Entry) => {
    const { name, size = 0 } = one;
    return (
      least(one) - least(entries.find((other) => other.name === name && (other.size ?? 0) < size))
    );
  };
  const base = baselineOf(entry, entries);
  return base === undefined ? undefined : cost(entry) / cost(base);
}

/** To the shop alone in the same round, so that other load on the machine affects both. */
function ratioOfRounds(tps: readonly number[], alone: Entry | undefined): number | undefined {
  const base = alone === undefined ? [] : tpsOf(alone);
  return medianOf(tps.map((value, round) => value / (base[round] ?? NaN)));
}

/** JSON has no undefined. */
const defined = <T extends object>(object: T) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
