/** What became of the rows, stage by stage: each bar divides the part of the bar above that went on. */
import { type Html, markup, table } from '../markup.ts';
import type { DayCounts, PageDay } from '../page-facts.ts';
import { count, plural, share } from '../words.ts';

interface Part {
  readonly title: string;
  /** Short, for the bar. */
  readonly label: string;
  readonly look: 'on' | 'end' | 'out1' | 'out2';
  readonly of: (counts: DayCounts) => number | undefined;
}

export interface RowChart {
  readonly title: string;
  /** What is counted. */
  readonly rows: string;
  readonly source: string;
  /** The first part of a level goes on to the next level. */
  readonly levels: readonly (readonly Part[])[];
}

export const purchaseRows: RowChart = {
  title: 'Where purchases go',
  rows: 'purchase rows',
  source: 'read from the source',
  levels: [
    [
      { title: 'published', label: 'published', look: 'on', of: (one) => one.purchaseRows },
      {
        title: 'below the quantity limit',
        label: 'below limit',
        look: 'out1',
        of: (one) => one.purchasesBelowQuantity,
      },
      { title: 'rejected', label: 'rejected', look: 'out2', of: (one) => one.purchasesRejected },
    ],
    [
      {
        title: 'in the metric',
        label: 'in metric',
        look: 'end',
        of: (one) => one.purchasesInMetric,
      },
      {
        title: 'of customers without reviews',
        label: 'no reviews',
        look: 'out1',
        of: (one) => one.purchasesWithoutReviews,
      },
      {
        title: 'without customer',
        label: 'no customer',
        look: 'out2',
        of: (one) => one.purchasesWithoutCustomer,
      },
    ],
  ],
};

export const reviewRows: RowChart = {
  title: 'Where reviews go',
  rows: 'review rows',
  source: 'delivered by the vendor',
  levels: [
    [
      { title: 'cleaned', label: 'cleaned', look: 'on', of: (one) => one.reviewRows },
      { title: 'rejected', label: 'rejected', look: 'out2', of: (one) => one.reviewsRejected },
    ],
    [
      { title: 'in the metric', label: 'in metric', look: 'end', of: (one) => one.reviewsInMetric },
      {
        title: 'of customers without purchases',
        label: 'no purchases',
        look: 'out1',
        of: (one) => one.reviewsWithoutPurchases,
      },
    ],
  ],
};

const barHeight = 44;

export function rowChart(days: readonly PageDay[], chart: RowChart): Html {
  const parts = chart.levels.flat();
  const loaded = days.filter(({ loadedAt }) => loadedAt !== undefined);
  const counted = loaded.filter(
    ({ counts }) => counts !== undefined && parts.every(({ of }) => of(counts) !== undefined),
  );
  const last = counted.at(-1);
  if (last === undefined) {
    return markup`<section class="card"><h2>${chart.title}</h2>
<p>Not known: no loaded day has all of its rows counted.</p></section>`;
  }
  const total = (part: Part, some: readonly PageDay[]) =>
    some.reduce((sum, { counts }) => sum + ((counts && part.of(counts)) ?? 0), 0);
  const source = (some: readonly PageDay[]) =>
    (chart.levels[0] ?? []).reduce((sum, part) => sum + total(part, some), 0);
  const all = source(counted);
  const end = parts.find(({ look }) => look === 'end');
  const gone = end === undefined ? 0 : total(end, counted);
  const sentence = `Of ${count(all)} ${chart.rows} ${chart.source}, ${count(gone)} (${share(all === 0 ? 0 : gone / all)}) are in the metric.`;
  const missing = loaded.length - counted.length;
  const rows = [
    { title: chart.source, look: undefined, depth: 0, value: source },
    ...chart.levels.flatMap((level, index) =>
      level.map((part) => ({
        title: part.title,
        look: part.look,
        depth: index + 1,
        value: (some: readonly PageDay[]) => total(part, some),
      })),
    ),
  ];
  return markup`<section class="card"><h2>${chart.title}</h2>
<p>${sentence} ${missing > 0 && `Not counted on ${plural(missing, 'loaded day')}.`}</p>
<svg class="rows" width="100%" height="${(chart.levels.length + 1) * (barHeight + 4)}" role="img" aria-label="${chart.title}: ${sentence}">
${bar({ look: 'all', label: chart.rows, value: all, from: 0, all, level: 0 })}${chart.levels.map(
    (level, index) => {
      let from = 0;
      return markup`${level.map((part) => {
        const value = total(part, counted);
        const drawn = bar({ ...part, value, from, all, level: index + 1 });
        from += value;
        return drawn;
      })}`;
    },
  )}
</svg>
${table(
  chart.title,
  [
    { title: chart.rows },
    { title: plural(counted.length, 'day'), number: true },
    { title: 'share', number: true },
    { title: last.ds, number: true },
  ],
  rows.map(({ title, look, depth, value }) => [
    markup`<span class="key d${depth} ${look ?? 'all'}"></span>${title}`,
    count(value(counted)),
    share(all === 0 ? 0 : value(counted) / all),
    count(value([last])),
  ]),
  'counts',
)}</section>
`;
}

interface Bar {
  readonly look: string;
  readonly label: string;
  readonly value: number;
  readonly from: number;
  readonly all: number;
  readonly level: number;
}

/** A part too narrow for its label has none: the table names it. */
function bar({ look, label, value, from, all, level }: Bar): Html {
  if (value === 0 || all === 0) return markup``;
  const percent = (part: number) => `${(Math.round((part / all) * 10_000) / 100).toString()}%`;
  const y = level * (barHeight + 4);
  const isWide = value / all > 0.22;
  const text = isWide
    ? markup`<text x="10" y="18">${label}</text><text class="figure" x="10" y="35">${count(value)}</text>`
    : undefined;
  return markup`<svg x="${percent(from)}" y="${y}" width="${percent(value)}" height="${barHeight}"><rect class="${look}" width="100%" height="100%"/>${text}</svg>
`;
}
