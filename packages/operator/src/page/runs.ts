/** What ran, what failed and what to do about it, and where time and money went. */
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import { jobs, stageOf } from '@user-behaviour/shared/pipeline';
import { failureText } from '../facts/failure-of-day.ts';
import { charges } from './charges.ts';
import { type Html, markup, table } from './markup.ts';
import type { Finding } from '../health/finding.ts';
import type { PageFacts } from './page-facts.ts';
import { count, dayLink, plural, seconds, sentenceOf, share, shortTime } from './words.ts';
import { shownDays } from './calendar.ts';

const rowsShown = 15;
/** At once, and at all. */
const [findingsAtOnce, findingsAtAll] = [10, 50];

const sinceStart = ({ startedAt, finishedAt }: DayRecord): number =>
  Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;

/** Errors before warnings, newest first. */
const byWeight = (one: Finding, other: Finding): number =>
  one.level.localeCompare(other.level) || other.ds.localeCompare(one.ds);

export function attention({ findings, days }: PageFacts): Html {
  const first = shownDays(days)[0]?.ds;
  const item = (look: Html, ds: string, what: string, action: string) =>
    markup`<li><div>${look} ${dayLink(ds, first)}</div><div>${sentenceOf(what)}${action !== '' && markup`<p class="soft">${action}</p>`}</div></li>\n`;
  const failures = days.flatMap(({ failure }) => failure ?? []).toReversed();
  // A run that failed says more than the finding about it.
  const others = findings.filter(
    ({ finding, ds }) => finding !== 'failed' || !failures.some((one) => one.ds === ds),
  );
  const items = [
    ...failures.map((failure) =>
      item(
        markup`<span class="state bad">! failed</span>`,
        failure.ds,
        `${failure.job}: ${failureText(failure)}`,
        failure.action ?? '',
      ),
    ),
    ...others.toSorted(byWeight).map(({ finding, ds, level, message, action }) => {
      const [tone, glyph] = level === 'error' ? ['bad', '×'] : ['warn', '△'];
      return item(
        markup`<span class="state ${tone}">${glyph} ${finding}</span>`,
        ds,
        message,
        action,
      );
    }),
  ];
  const more = items.slice(findingsAtOnce, findingsAtAll);
  const content =
    items.length === 0
      ? markup`<p>Nothing: no run has failed, and no day is missing or odd.</p>`
      : markup`<ul class="findings">${items.slice(0, findingsAtOnce)}</ul>${more.length > 0 && markup`<details><summary>${plural(items.length - findingsAtOnce, 'more', 'more')}</summary><ul class="findings">${more}</ul>${items.length > findingsAtAll && markup`<p class="soft">The oldest ${count(items.length - findingsAtAll)} are not listed: make health DAYS=… lists all.</p>`}</details>`}`;
  return markup`<section class="card"><h2>What needs attention</h2>
${content}
</section>
`;
}

export function lastRuns({ records, days }: PageFacts): Html {
  const first = shownDays(days)[0]?.ds;
  const last = records
    .toSorted((one, other) => other.finishedAt.localeCompare(one.finishedAt))
    .slice(0, rowsShown);
  const rows = last.map((record) => [
    shortTime(record.finishedAt),
    record.job,
    dayLink(record.ds, first),
    record.status === 'failed'
      ? markup`<span class="state bad">! failed</span> exit ${record.exit}`
      : markup`${record.status}`,
    seconds(sinceStart(record)),
    markup`<code>${record.run}</code>`,
  ]);
  return markup`<section class="card"><h2>What ran last</h2>
${
  rows.length === 0
    ? markup`<p>Not known: there is no record of a run.</p>`
    : table(
        'What ran last',
        [
          { title: 'ended' },
          { title: 'job' },
          { title: 'day' },
          { title: 'result' },
          { title: 'time', number: true },
          { title: 'run' },
        ],
        rows,
      )
}</section>
`;
}

/** Of the runs on record. A part that several days share counts for each of them. */
export function timeSpent(facts: PageFacts): Html {
  const { records, days } = facts;
  const first = shownDays(days)[0]?.ds;
  const stages = jobs.flatMap((job) => {
    const some = records.filter((record) => record.job === job);
    if (some.length === 0) return [];
    const ordered = some.toSorted((one, other) => sinceStart(one) - sinceStart(other));
    const middle = ordered[Math.floor((ordered.length - 1) / 2)];
    const longest = ordered.at(-1);
    if (middle === undefined || longest === undefined) return [];
    return [{ job, runs: some.length, middle: sinceStart(middle), longest, parts: phasesOf(some) }];
  });
  const most = Math.max(...stages.map(({ middle }) => middle), 0.001);
  const slowest = stages.toSorted((one, other) => other.middle - one.middle);
  const [top] = slowest;
  if (top === undefined) {
    return markup`<section class="card"><h2>Where time and money go</h2>
<p>Not known: there is no record of a run.</p></section>`;
  }
  const sentence = `${top.job} is the slowest stage: ${seconds(top.middle)} for a day, by the median of ${plural(top.runs, 'run')}.`;
  return markup`<section class="card"><h2>Where time and money go</h2>
<p>${sentence}</p>
<ul class="stages">${slowest.map(({ job, runs, middle, longest, parts }) => {
    const total = parts.reduce((sum, [, spent]) => sum + spent, 0);
    let from = 0;
    const label = `${stageOf(job).name}: ${parts.map(([name, spent]) => `${name} ${share(spent / total)}`).join(', ')}`;
    return markup`<li><div class="row"><strong>${job}</strong><span>${seconds(middle)}</span></div>
<svg width="${Math.max(1, Math.round((middle / most) * 100))}%" height="14" role="img" aria-label="${label}">${
      total === 0
        ? markup`<rect class="p0" width="100%" height="100%"/>`
        : parts.map(([name, spent], index) => {
            const rect = markup`<rect class="p${index % 5}" x="${percent(from / total)}" width="${percent(spent / total)}" height="100%"><title>${name} ${share(spent / total)}</title></rect>`;
            from += spent;
            return rect;
          })
    }</svg>
<p class="soft">${total > 0 && parts.map(([name, spent], index) => markup`<span class="nb"><span class="key p${index % 5}"></span>${name} ${share(spent / total)}</span> `)}<span class="nb">${plural(runs, 'run')}, longest ${seconds(sinceStart(longest))} for ${dayLink(longest.ds, first)}</span></p></li>
`;
  })}</ul>
${charges(facts)}</section>
`;
}

const percent = (part: number): string => `${String(Math.round(part * 1_000) / 10)}%`;

/** The seconds of each phase, in the order in which they begin. */
function phasesOf(records: readonly DayRecord[]): readonly (readonly [string, number])[] {
  const spent = new Map<string, number>();
  for (const { phases } of records) {
    for (const { name, seconds: some } of phases) spent.set(name, (spent.get(name) ?? 0) + some);
  }
  return [...spent];
}
