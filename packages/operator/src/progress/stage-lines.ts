/** What is said of a stage while it runs and when it has ended; pure. */
import type { Ds } from '@user-behaviour/shared/ds';
import { type JobName, jobs, stageOf } from '@user-behaviour/shared/pipeline';
import { cut, tellDuration, wrap } from '../fit-text.ts';
import { tellDays } from '../plan/day-ranges.ts';
import type { Summary } from '../run/job-process.ts';

export interface StageState {
  readonly job: JobName;
  readonly days: readonly Ds[];
  readonly reported: ReadonlyMap<string, Summary>;
  readonly doing: string;
  /** Lines of its log. */
  readonly warnings: number;
  /** Milliseconds since it was started. */
  readonly elapsed: number;
}

const longestName = Math.max(...jobs.map(({ length }) => length));

const hasFailed = ({ exit }: Summary): boolean => exit !== 0;
/** Nothing was published or loaded, because there was nothing to do. */
const isUnchanged = ({ status }: Summary): boolean =>
  status === 'unchanged' || status === 'superseded';

/** Whether the line is about one day, not about a range. */
const isOneDay = ({ days }: StageState): boolean => days.length === 1;

/** `[3/4] emr-clean  12/31 days  2 failed  Spark is cleaning the reviews  34 s`. */
export function runningLine(state: StageState, columns: number): string {
  const { job, days, reported } = state;
  const failed = [...reported.values()].filter(hasFailed).length;
  const head = [
    `[${String(jobs.indexOf(job) + 1)}/${String(jobs.length)}] ${job}`,
    isOneDay(state) ? days[0] : `${String(reported.size)}/${String(days.length)} days`,
    ...(failed > 0 && !isOneDay(state) ? [`${String(failed)} failed`] : []),
  ].join('  ');
  const time = tellDuration(Math.floor(state.elapsed / 1_000) * 1_000).replace('.0 s', ' s');
  const room = columns - 1 - head.length - time.length - 4;
  const doing = room < 8 ? '' : cut(state.doing, room);
  return [head, doing, time].filter((part) => part !== '').join('  ');
}

/** The line that stays of a stage, with what failed below it. `isWhole`: the process did its work. */
export function endedLines(
  state: StageState,
  isWhole: boolean,
  log: { readonly path: string; readonly last: readonly string[] },
  columns: number,
): string[] {
  const { job, days, reported, warnings } = state;
  const time = tellDuration(state.elapsed);
  const failures = days.flatMap((ds) => {
    const day = reported.get(ds);
    return day !== undefined && hasFailed(day) ? [{ ds, day }] : [];
  });
  const isFailed = failures.length > 0 || !isWhole || reported.size < days.length;
  const mark = isFailed ? '✗' : [...reported.values()].every(isUnchanged) ? '—' : '✓';
  const what = isOneDay(state) ? tellDay(state) : tellCounts(state, failures.length);
  const line = `${mark} ${job.padEnd(longestName)}  ${what}  ${time}`;
  if (!isFailed) return [warnings === 0 ? line : `${line}  ${tellWarnings(warnings)}`];
  const said = failures.length === 0 ? log.last : tellFailures(failures, isOneDay(state));
  const below = [...said, `its log is in ${log.path}`];
  return [line, ...below.flatMap((text) => wrap(text, columns - 3).map((part) => `  ${part}`))];
}

const tellWarnings = (count: number): string =>
  `${String(count)} warning${count === 1 ? '' : 's'} in its log`;

export const notRunLine = (job: JobName): string =>
  `— ${job.padEnd(longestName)}  not run, because what it reads was not published`;

function tellDay({ job, days, reported }: StageState): string {
  const [ds = ''] = days;
  const day = reported.get(ds);
  if (day === undefined) return `${ds}  ended without a result`;
  if (hasFailed(day)) return `${ds}  failed`;
  const { rows } = day;
  const count = typeof rows === 'number' ? `  ${String(rows)} ${stageOf(job).rows}` : '';
  return `${ds}${count}${isUnchanged(day) ? `  ${day.status}` : ''}`;
}

function tellCounts({ days, reported }: StageState, failed: number): string {
  const unchanged = [...reported.values()].filter(isUnchanged).length;
  const silent = days.length - reported.size;
  const counts = [
    ...(unchanged > 0 ? [`${String(unchanged)} unchanged`] : []),
    ...(failed > 0 ? [`${String(failed)} failed`] : []),
    ...(silent > 0 ? [`${String(silent)} without a result`] : []),
  ];
  return `${String(days.length)} days${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`;
}

/** How many failures are listed. Others usually have the same causes, and are in the log. */
const told = 3;

/** Each failure once, with the days that it happened to. */
function tellFailures(
  failures: readonly { readonly ds: Ds; readonly day: Summary }[],
  isDayKnown: boolean,
): string[] {
  const kinds = [
    ...Map.groupBy(failures, ({ ds, day }) => (day.message ?? '').replaceAll(ds, 'the day')),
  ];
  const lines = kinds.slice(0, told).flatMap(([words, alike]) => {
    const message = alike.length === 1 ? (alike[0]?.day.message ?? '') : words;
    const days = isDayKnown ? '' : `${tellDays(alike.map(({ ds }) => ds))}: `;
    const action = alike[0]?.day['action'];
    return [`${days}${message}`, ...(typeof action === 'string' ? [action] : [])];
  });
  const more = kinds.length - told;
  return more > 0 ? [...lines, `and ${String(more)} other failures`] : lines;
}
