/** The figures of an entry as people read them: in the tables of the page, and where a document quotes them. */
import { bytes, count, seconds, times } from '../report/figures.ts';
import type { Figures } from './section-figures.ts';

type Show = (figures: Figures) => string | undefined;

const shown = (value: number | undefined, show: (value: number) => string): string | undefined =>
  value === undefined ? undefined : show(value);

const whole = (value: number): string => count(Math.round(value));
const wait =
  (kind: string): Show =>
  ({ waits }) =>
    shown(waits?.[kind], (value) => value.toFixed(1));

/** By the title of their column, without its unit. Undefined where the section has no such figure. */
const measures = {
  time: ({ time }) => shown(time?.median, seconds),
  range: ({ time }) => shown(time?.low, (low) => `${seconds(low)}–${seconds(time?.high ?? NaN)}`),
  ratio: ({ ratio }) => shown(ratio, times),
  CPU: ({ cpu }) => shown(cpu, seconds),
  'server CPU': ({ serverCpu, tps }) =>
    shown(serverCpu, tps === undefined ? seconds : (value) => value.toFixed(2)),
  memory: ({ memory }) => shown(memory, bytes),
  rows: ({ rows }) => shown(rows, count),
  runs: ({ runs }) => count(runs),
  steps: wait('step'),
  statements: wait('statement'),
  unnoticed: wait('unnoticed'),
  'Data API': wait('data-api'),
  EMR: wait('emr'),
  S3: wait('s3'),
  own: wait('own'),
  calls: ({ calls }) => shown(calls, count),
  'runs of the job': ({ jobRuns }) => shown(jobRuns, count),
  tps: ({ tps }) => shown(tps?.median, whole),
  'tps range': ({ tps }) => shown(tps?.low, (low) => `${whole(low)}–${whole(tps?.high ?? NaN)}`),
  p99: ({ p99 }) => shown(p99, (value) => value.toFixed(1)),
  'log written': ({ logWritten }) => shown(logWritten, (value) => `${whole(value)} B`),
  'log kept': ({ logKept }) => shown(logKept, bytes),
} satisfies Readonly<Record<string, Show>>;

export type Measure = keyof typeof measures;

export const measureNames = Object.keys(measures) as readonly Measure[];

/** Undefined if the entry has no such figure. */
export const measureOf = (figures: Figures, measure: Measure): string | undefined =>
  measures[measure](figures);
