/** A staged day of two purchases and two reviews, for tests of what happens around its load. */
import type { BundledJob } from '@user-behaviour/testkit/bundled-job';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type LoadFixture, expectedSlice, openFixture } from './load-fixture.ts';
import { type Purchase, type Review, stagePurchases, stageReviews } from './stages.ts';

export const purchases: readonly Purchase[] = [
  { quantity: 3, price: '2.55', customer: 1 },
  { quantity: 4, price: '0.5', customer: 2 },
];
/** The same with one more. */
export const more: readonly Purchase[] = [...purchases, { quantity: 9, price: '9', customer: 2 }];
export const reviews: readonly Review[] = [
  { customer: 1, positive: true },
  { customer: 2, positive: false },
];
export const expected = expectedSlice(purchases, reviews);
export const expectedOfMore = expectedSlice(more, reviews);

export async function openSmallDay(cloud: TestCloud, job: BundledJob): Promise<LoadFixture> {
  await using stack = new AsyncDisposableStack();
  const fixture = stack.use(await openFixture(cloud, job));
  await stagePurchases(fixture.bucket, fixture.ds, purchases);
  await stageReviews(fixture.bucket, fixture.ds, reviews);
  stack.move();
  return fixture;
}
