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
    guard: 'a change that is known counts also of a day that is not covered',
    find: "if (day !== undefined && !isIncluded(day, xmin)) return 'changed';\n",
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
    file: capture('src/source/chain.ts'),
    find: 'parsePosition(slot.confirmed) > parsePosition(position)',
    replace: 'slot.confirmed === slotName',
    caughtBy: integration,
    named: 'somebody has read',
  },
  {
    guard: 'a publication that was made anew is a gap',
    file: capture('src/source/chain.ts'),
    find: 'if (table !== null && !isSame(source.publication, publication)) {',
    replace: 'if (table === undefined) {',
    caughtBy: integration,
    named: 'a publication that was made anew',
  },
  {
    guard: 'a column that is written in another way is a gap',
    file: capture('src/source/chain.ts'),
    find: '(columns?.[name] ?? before) !== before',
    replace: "before === ''",
    caughtBy: integration,
    named: 'writes values in another way',
  },
  {
    guard: 'a mistake in a setting is no gap',
    file: capture('src/source/chain.ts'),
    find: 'if (kept === undefined || named === kept) continue;',
    replace: 'if (named !== undefined) continue;',
    caughtBy: integration,
    named: 'in CAPTURE_SLOT',
  },
  {
    guard: 'a slot waits for an open transaction only for a time',
    file: capture('src/source/slot.ts'),
    find: 'set lock_timeout = ${String(timeout)}',
    replace: 'set lock_timeout = 0',
    caughtBy: integration,
    named: 'a transaction stays open',
  },
  {
    guard: 'a drain does not end in the middle of a transaction',
    file: capture('src/stream/slot-stream.ts'),
    find: '!this.#isInTransaction && ',
    replace: '',
    caughtBy: capture('src/stream/slot-stream.test.ts'),
  },
  {
    guard: 'a reset is a gap until it has ended',
    file: capture('src/job.ts'),
    find: "found && (await store.replace(found, { ...found.head, gap: 'a reset was begun' }))",
    replace: 'found',
    caughtBy: integration,
    named: 'is a gap until it has ended',
  },
  {
    guard: 'a long drain records its parts',
    file: capture('src/changes/drain.ts'),
    find: 'if (!isDue) return undefined;',
    replace: 'if (!isDue || saved > 0) return undefined;',
    caughtBy: integration,
    named: 'records its parts',
  },
  {
    guard: 'the changes are acknowledged only after the pointer has them',
    file: capture('src/job.ts'),
    find: `await move(drained, found.until);
    await acknowledge(drained, day);`,
    replace: `await acknowledge(drained, day);
    await move(drained, found.until);`,
    caughtBy: 'dev/faults/test/capture.fault.test.ts',
    named: 'counts each change once',
  },
  {
    guard: 'a replica is complete only until what it has replayed',
    file: 'sql/source/capture/facts.sql',
    find: 'case when pg_is_in_recovery() then pg_last_xact_replay_timestamp() else now() end',
    replace: 'now()',
    caughtBy: integration,
    named: 'works at a replica',
  },
];
