/** The page: the same facts give the same bytes. */
import { attention, lastRuns, timeSpent } from './runs.ts';
import { calendar } from './calendar.ts';
import { document } from './document.ts';
import { customersOf, headline, positiveOf, spendOf } from './headline.ts';
import { markup } from './markup.ts';
import type { PageFacts } from './page-facts.ts';
import { spendByReviews, topSpenders } from './spend.ts';
import { count, money, share, time } from './words.ts';
import { lineageChart } from './charts/lineage-chart.ts';
import { purchaseRows, reviewRows, rowChart } from './charts/row-chart.ts';
import { stepChart } from './charts/step-chart.ts';

export function drawPage(facts: PageFacts): string {
  const { days, asOf, where, bins, spenders } = facts;
  const isNew = days.every(
    ({ published, loadedAt }) => published.size === 0 && loadedAt === undefined,
  );
  const body = markup`<div class="wrap">
<header class="bar"><h1>User behaviour</h1><p>${where} · as of ${time(asOf.toISOString())} UTC</p></header>
<main>
${headline(facts)}${attention(facts)}${
    !isNew &&
    markup`${calendar(days)}
<div class="pair">${rowChart(days, purchaseRows)}${rowChart(days, reviewRows)}</div>
<div class="pair">${stepChart(days, {
      title: 'Purchases',
      unit: 'purchase rows a day',
      tone: 'blue',
      format: count,
      measure: { of: ({ published }) => published.get('user_purchase/stage')?.rows },
    })}${stepChart(days, {
      title: 'Reviews',
      unit: 'cleaned reviews a day',
      tone: 'teal',
      format: count,
      measure: { of: ({ published }) => published.get('movie_review/stage')?.rows },
    })}${stepChart(days, {
      title: 'Spend',
      unit: 'spent a day by customers with reviews',
      tone: 'blue',
      format: money,
      measure: spendOf,
    })}${stepChart(days, {
      title: 'Positive reviews',
      unit: 'of the reviews in the metric were positive',
      tone: 'teal',
      format: share,
      measure: positiveOf,
    })}${stepChart(days, {
      title: 'Customers',
      unit: 'customers a day with purchases and reviews',
      tone: 'blue',
      format: count,
      measure: customersOf,
    })}${spendByReviews(bins)}</div>
${spenders !== undefined && topSpenders(spenders)}<div class="pair">${timeSpent(facts)}${lineageChart()}</div>
${lastRuns(facts)}`
  }
</main>
<footer class="soft">Days are days in UTC, and so are times. A line in a chart is the mean of seven days. Drawn from the warehouse, the manifests, the ledger and the records of the runs.</footer>
</div>`;
  return document({ title: 'User behaviour', body });
}
