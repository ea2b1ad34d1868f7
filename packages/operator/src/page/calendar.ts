/** The last 400 days by state, a month a table; a day of it shows its facts below, without a script. */
import { datasets, producerOf } from '@user-behaviour/shared/pipeline';
import { type Html, markup, table } from './markup.ts';
import type { PageDay } from './page-facts.ts';
import {
  bytes,
  count,
  dayId,
  lookOf,
  money,
  monthName,
  plural,
  share,
  states,
  stateWord,
  time,
  weekdayOf,
  weekdays,
} from './words.ts';
import { grouped, meanOf } from './charts/series.ts';

const daysShown = 400;

export const shownDays = (days: readonly PageDay[]): readonly PageDay[] => days.slice(-daysShown);

export function calendar(days: readonly PageDay[]): Html {
  const shown = shownDays(days);
  const found = Map.groupBy(shown, ({ state }) => state);
  const legend = [...new Set([...Object.keys(states), ...found.keys()])].flatMap((state) => {
    const some = found.get(state)?.length ?? 0;
    return some === 0 ? [] : [markup`<li>${stateWord(state)} ${plural(some, 'day')}</li>`];
  });
  return markup`<section class="card"><h2>Days</h2>
<p>The last ${plural(shown.length, 'day')} of history. Choose a day to see what there is of it.</p>
<ul class="legend">${legend}</ul>
<div class="calendar">
${[...grouped(shown, 'month')].map(([month, some]) => monthTable(month, some))}</div>
<div class="days">
${shown.map(dayFacts)}</div>
${days.length > shown.length && years(days)}</section>
`;
}

function monthTable(month: string, days: readonly PageDay[]): Html {
  const byDs = new Map<string, PageDay>(days.map((day) => [day.ds, day]));
  const length = new Date(
    Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0),
  ).getUTCDate();
  const blanks = (new Date(`${month}-01T00:00:00Z`).getUTCDay() + 6) % 7;
  const cells = [
    ...Array.from({ length: blanks }, () => undefined),
    ...Array.from({ length }, (_, day) => day + 1),
  ];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) =>
    cells.slice(week * 7, week * 7 + 7),
  );
  const cell = (day: number | undefined): Html => {
    if (day === undefined) return markup`<td>`;
    const found = byDs.get(`${month}-${String(day).padStart(2, '0')}`);
    if (found === undefined) return markup`<td>`;
    const { glyph, tone } = lookOf(found.state);
    return markup`<td><a class="${tone}" href="#${dayId(found.ds)}"${found.state !== 'loaded' && markup` title="${found.state}"`}>${found.state === 'loaded' ? day : glyph}</a>`;
  };
  return markup`<table class="month"><caption>${monthName(month)}</caption><thead><tr>${weekdays.map(
    (name) => markup`<th scope="col" abbr="${name}">${name.slice(0, 1)}`,
  )}<tbody>${weeks.map((week) => markup`<tr>${week.map(cell)}`)}</table>
`;
}

/** Shown while the address names it. Without the end tags that HTML does not need: there are 400 of them. */
function dayFacts({ ds, state, published, loadedAt, metric, counts }: PageDay): Html {
  const line = (name: string, facts: Html) => markup`<dt>${name}<dd>${facts}`;
  const stages = datasets.flatMap((dataset) => {
    const found = published.get(dataset);
    const { rows } = producerOf(dataset);
    const title = `${rows.slice(0, 1).toUpperCase()}${rows.slice(1)}`;
    return found === undefined
      ? [line(title, markup`not published`)]
      : [
          line(
            title,
            markup`${count(found.rows)} rows, ${found.rejected > 0 && `${count(found.rejected)} rejected, `}${bytes(found.bytes)}, <code>${found.run}</code>`,
          ),
        ];
  });
  const rows =
    counts &&
    markup`${count(counts.purchasesInMetric)} of ${count(counts.purchaseRows)} purchases (${count(counts.purchasesWithoutReviews)} no reviews, ${count(counts.purchasesWithoutCustomer)} no customer), ${count(counts.reviewsInMetric)} of ${count(counts.reviewRows)} reviews`;
  return markup`<section id="${dayId(ds)}"><h3>${weekdays[weekdayOf(ds)]} ${ds} ${state !== 'loaded' && stateWord(state)}</h3><dl>${stages}${line(
    'Metric',
    metric === undefined || loadedAt === undefined
      ? markup`not loaded`
      : markup`${plural(metric.customers, 'customer')}, spend ${money(metric.amount)}, ${share(metric.reviews === 0 ? undefined : metric.positive / metric.reviews)} of ${plural(metric.reviews, 'review')} positive, loaded ${time(loadedAt)}`,
  )}${rows && line('Rows', rows)}</dl></section>
`;
}

function years(days: readonly PageDay[]): Html {
  const rows = [...grouped(days, 'year')].map(([year, some]) => [
    year,
    count(some.filter(({ state }) => state === 'loaded').length),
    count(some.filter(({ state }) => state !== 'loaded').length),
    count(some.reduce((sum, { metric }) => sum + (metric?.customers ?? 0), 0)),
    money(some.reduce((sum, { metric }) => sum + (metric?.amount ?? 0), 0)),
    share(
      meanOf(some, { of: ({ metric }) => metric?.positive, by: ({ metric }) => metric?.reviews }),
    ),
  ]);
  return markup`<h3>Years</h3>
${table(
  'Years',
  [
    { title: 'year' },
    { title: 'days loaded', number: true },
    { title: 'other days', number: true },
    { title: 'rows of the metric', number: true },
    { title: 'spend', number: true },
    { title: 'positive', number: true },
  ],
  rows,
)}`;
}
