/** A day of two purchases and two reviews, staged, for tests of what happens around its load. */
import type { BundledJob } from '@user-behaviour/testkit/bundled-job';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type Desk, expectedSlice, openDesk } from './desk.ts';
import { type Purchase, type Review, stagePurchases, stageReviews } from './stages.ts';

export const purchases: readonly Purchase[] = [
  { quantity: 3, price: '2.55', customer: 1 },
  { quantity: 4, price: '0.5', customer: 2 },
];
/** The same, and one more. */
export const more: readonly Purchase[] = [...purchases, { quantity: 9, price: '9', customer: 2 }];
export const reviews: readonly Review[] = [
  { customer: 1, positive: true },
  { customer: 2, positive: false },
];
export const expected = expectedSlice(purchases, reviews);
export const expectedOfMore = expectedSlice(more, reviews);

export async function openSmallDay(cloud: TestCloud, job: BundledJob): Promise<Desk> {
  await using stack = new AsyncDisposableStack();
  const desk = stack.use(await openDesk(cloud, job));
  await stagePurchases(desk.bucket, desk.ds, purchases);
  await stageReviews(desk.bucket, desk.ds, reviews);
  stack.move();
  return desk;
}
