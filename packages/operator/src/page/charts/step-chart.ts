/** A measure by day: filled steps, the mean of seven days as a line, and the same figures as a table. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { type Html, markup, table } from '../markup.ts';
import type { PageDay } from '../page-facts.ts';
import { monthName, months, sentenceOf, share, short } from '../words.ts';
import { grouped, type Measure, meanOf, type Step, stepsOf, weeklyMeans } from './series.ts';

export interface StepChart {
  readonly title: string;
  /** What a value is, in the sentence and the table, e.g. `purchases a day`. */
  readonly unit: string;
  readonly measure: Measure;
  readonly tone: 'blue' | 'teal';
  readonly format: (value: number | undefined) => string;
}

/** The units of the drawing: it is stretched to the width of the card, its texts are not. */
const width = 1_000;
const height = 150;

export function stepChart(days: readonly PageDay[], chart: StepChart): Html {
  const { title, unit, measure, tone, format } = chart;
  const steps = stepsOf(days, measure);
  const isShare = measure.by !== undefined;
  const values = steps.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const [peak] = steps
    .filter(({ value }) => value !== undefined)
    .toSorted((one, other) => (other.value ?? 0) - (one.value ?? 0));
  if (peak === undefined) {
    return figure(title, markup`<p class="soft">Not known: no day is loaded.</p>`);
  }
  const y = scaleLinear()
    .domain(isShare ? [Math.min(...values), Math.max(...values)] : [0, Math.max(...values, 1)])
    .range([height, 0])
    .nice(4);
  const x = scaleLinear().domain([0, days.length]).range([0, width]);
  const mean = format(meanOf(days, measure));
  const period = `from ${days[0]?.ds ?? ''} to ${days.at(-1)?.ds ?? ''}`;
  const sentence = isShare
    ? `${mean} ${unit} ${period}.`
    : `${mean} ${unit} on average ${period}; the most was ${format(peak.value)}, ${peak.days > 1 ? 'in the week from' : 'on'} ${peak.ds}.`;
  const ticks = y.ticks(4);
  const drawn = isShare
    ? markup`<path class="daily" d="${linePath(steps, x, y)}"/>`
    : markup`<path class="area" d="${stepPath(steps, x, y)}"/>`;
  const svg = markup`<svg class="plot ${tone}" width="100%" height="${height + 28}" role="img" aria-label="${title}: ${sentence}">
${ticks.map((tick) => {
  const at = round(y(tick));
  return markup`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}"/><text x="-8" y="${at}" dy=".32em" text-anchor="end">${isShare ? share(tick) : short(tick)}</text>`;
})}
${timeLabels(days)}
<svg width="100%" height="${height}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">${drawn}<path class="mean" d="${linePath(weeklyMeans(days, measure), x, y)}"/></svg>
</svg>`;
  return figure(
    title,
    markup`<p class="soft">${sentenceOf(sentence)}</p>
${svg}
<details><summary>Figures by month</summary>${table(
      `${title} by month`,
      [
        { title: 'month' },
        { title: 'mean', number: true },
        ...(isShare ? [] : [{ title: 'total', number: true }]),
      ],
      monthRows(days, chart),
    )}</details>`,
  );
}

const figure = (title: string, content: Html): Html =>
  markup`<section class="card"><h2>${title}</h2>
${content}
</section>
`;

function monthRows(days: readonly PageDay[], { measure, format }: StepChart) {
  const isLong = days.length > 800;
  return [...grouped(days, isLong ? 'year' : 'month')].map(([name, some]) => {
    const known = some.flatMap((day) => measure.of(day) ?? []);
    const total = known.reduce((sum, value) => sum + value, 0);
    return [
      isLong ? name : monthName(name),
      format(meanOf(some, measure)),
      known.length === 0 ? 'not known' : format(total),
    ];
  });
}

const round = (value: number): number => Math.round(value);

type Scale = (value: number) => number;

/** Horizontal and vertical strokes only: a third of the bytes of a general path. */
function stepPath(steps: readonly Step[], x: Scale, y: Scale): string {
  let path = '';
  let day = 0;
  let level: number | undefined;
  const ground = round(y(0));
  for (const { days, value } of steps) {
    const next = value === undefined ? undefined : round(y(value));
    if (next !== level) {
      const at = round(x(day));
      if (level !== undefined) path += `H${at}`;
      if (next === undefined) path += `V${ground}Z`;
      else path += level === undefined ? `M${at} ${ground}V${next}` : `V${next}`;
      level = next;
    }
    day += days;
  }
  return level === undefined ? path : `${path}H${round(x(day))}V${ground}Z`;
}

function linePath(steps: readonly Step[], x: Scale, y: Scale): string {
  let day = 0;
  const points = steps.map(({ days, value }) => {
    day += days;
    return { day: day - days / 2, value };
  });
  const path = line<(typeof points)[number]>()
    .defined(({ value }) => value !== undefined)
    .x((point) => x(point.day))
    .y(({ value = 0 }) => y(value))
    .digits(0);
  return path(points) ?? '';
}

/** The first days of some months, or years: at most seven, so that they fit a phone. */
function timeLabels(days: readonly PageDay[]): readonly Html[] {
  const isLong = days.length > 800;
  const starts = days.flatMap(({ ds }, day) =>
    ds.endsWith(isLong ? '-01-01' : '-01') ? [{ ds, day }] : [],
  );
  const every = Math.max(1, Math.ceil(starts.length / 7));
  return starts
    .filter((_, index) => index % every === 0)
    .map(({ ds, day }) => {
      const at = Math.round((day / days.length) * 1_000) / 10;
      const month = (months[Number(ds.slice(5, 7)) - 1] ?? '').slice(0, 3);
      const name = isLong || ds.slice(5, 7) === '01' ? ds.slice(0, 4) : month;
      const anchor = at < 4 ? 'start' : at > 96 ? 'end' : 'middle';
      return markup`<text x="${at}%" y="${height + 20}" text-anchor="${anchor}">${name}</text>`;
    });
}
