/** Guards of capture-purchases, and of what a plan makes of its pointer. */
import type { Mutation } from '../mutation.ts';

const capture = (file: string) => `packages/capture-purchases/${file}`;
const head = {
  file: 'packages/shared/src/changes/changes-head.ts',
  caughtBy: 'packages/shared/src/changes/changes-head.test.ts',
};
const integration = capture('test/capture.it.test.ts');

export const capturing: readonly Mutation[] = [
  {
    ...head,
    guard: 'a change that the snapshot may not have seen makes the day due',
    find: 'BigInt(last) < BigInt(xmin);',
    replace: 'BigInt(last) <= BigInt(xmin);',
  },
  {
    ...head,
    guard: 'a day that was read before the slot had every change is not covered',
    find: 'BigInt(xmin) >= BigInt(since.xid) && ',
    replace: '',
  },
  {
    ...head,
    guard: 'after a gap nothing is known',
    find: 'if (pointer === undefined || pointer.gap !== undefined)',
    replace: 'if (pointer === undefined)',
  },
  {
    guard: 'a value that an update left out is that of the old row',
    file: capture('src/stream/pgoutput.ts'),
    find: '(value === undefined ? before?.[index] : value)',
    replace: 'value',
    caughtBy: capture('src/stream/pgoutput.test.ts'),
  },
  {
    guard: 'a row that the load may refuse is not summed',
    file: capture('src/changes/touched-days.ts'),
    find: 'if (!isSurelyLoadable(purchase)) {',
    replace: 'if (purchase.length === 0) {',
    caughtBy: capture('src/changes/touched-days.test.ts'),
  },
  {
    guard: 'a slot that begins after the pointer is a gap',
    file: capture('src/source/slot.ts'),
    find: 'parsePosition(slot.confirmed) > parsePosition(head.position)',
    replace: 'slot.confirmed === head.slot',
    caughtBy: integration,
    named: 'somebody has read',
  },
  {
    guard: 'a publication that was made anew is a gap',
    file: capture('src/source/slot.ts'),
    find: 'JSON.stringify(source.publication) !== JSON.stringify(origin.publication)',
    replace: 'source.publication === null',
    caughtBy: integration,
    named: 'a publication that was made anew',
  },
];
