/** Spend against reviews: how many customers fall into each pair of bounds; and who spends most, if asked. */
import { type Html, markup, table } from './markup.ts';
import type { SpendBin, Spender } from './page-facts.ts';
import { count, money, share } from './words.ts';

/** As in sql/warehouse/report/spend_by_reviews.sql. */
const reviewBounds = [1, 2, 3, 4, 5, 10];
const spendBounds = [0, 10, 30, 100, 300, 1_000, 3_000];

const from = (bounds: readonly number[], index: number, first: string): string => {
  const [low = 0, high] = [bounds[index], bounds[index + 1]];
  if (high === undefined) return `${count(low)}+`;
  if (index === 0 && first !== '') return `${first} ${count(high)}`;
  return high === low + 1 ? count(low) : `${count(low)}–${count(first === '' ? high - 1 : high)}`;
};

export function spendByReviews(bins: readonly SpendBin[]): Html {
  if (bins.length === 0) {
    return markup`<section class="card"><h2>Spend against reviews</h2>
<p>Not known: no day is loaded.</p></section>`;
  }
  const most = Math.max(...bins.map(({ customers }) => customers));
  const sum = (some: readonly SpendBin[], of: (bin: SpendBin) => number) =>
    some.reduce((total, bin) => total + of(bin), 0);
  const meanSpend = (some: readonly SpendBin[]) => {
    const customers = sum(some, (bin) => bin.customers);
    return customers === 0 ? undefined : sum(some, (bin) => bin.amount) / customers;
  };
  const columns = reviewBounds.map((reviews) => bins.filter((bin) => bin.reviews === reviews));
  const few = meanSpend(bins.filter(({ reviews }) => reviews === 1));
  const many = meanSpend(bins.filter(({ reviews }) => reviews > 1));
  const rows = spendBounds.map((spend, index) => {
    const cells = columns.map((column) => {
      const found = column.find((bin) => bin.spend === spend);
      return found === undefined
        ? markup`<td>`
        : markup`<td class="h${Math.ceil((Math.log1p(found.customers) / Math.log1p(most)) * 5)}">${count(found.customers)}`;
    });
    return markup`<tr><th scope="row">${from(spendBounds, index, 'below')}</th>${cells}\n`;
  });
  const total = (title: string, of: (some: readonly SpendBin[]) => string) =>
    markup`<tr class="total"><th scope="row">${title}</th>${columns.map((some) => markup`<td>${some.length === 0 ? '' : of(some)}`)}\n`;
  return markup`<section class="card"><h2>Spend against reviews</h2>
<p>A customer with one review a day spent ${money(few)} on average, one with more ${money(many)}. Each cell counts customers and days.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Spend against reviews"><table class="heat"><caption class="sr">Customers and days by spend and by number of reviews</caption>
<thead><tr><th scope="col">spend</th>${reviewBounds.map((_, index) => markup`<th scope="col">${from(reviewBounds, index, '')}`)}<tbody>
${rows.toReversed()}${total('mean spend', (some) => money(meanSpend(some)))}${total('positive', (some) => share(sum(some, (bin) => bin.positive) / sum(some, (bin) => bin.reviewRows)))}</table></div>
<p class="axis soft">reviews of the customer that day</p></section>
`;
}

export const topSpenders = (spenders: readonly Spender[]): Html =>
  markup`<section class="card"><h2>Who spends most</h2>
<p>This page names customers: keep it where such data may be.</p>
${table(
  'Who spends most',
  [
    { title: 'customer' },
    { title: 'days', number: true },
    { title: 'spend', number: true },
    { title: 'reviews', number: true },
    { title: 'positive', number: true },
  ],
  spenders.map(({ customer, days, amount, positive, reviews }) => [
    customer,
    count(days),
    money(amount),
    count(reviews),
    share(positive / reviews),
  ]),
)}</section>
`;
