/** Guards of the operator's sweep and erase. */
import type { Mutation } from '../mutation.ts';

const operator = (file: string) => `packages/operator/${file}`;
const rules = {
  file: operator('src/sweep/sweep-rules.ts'),
  caughtBy: operator('src/sweep/sweep-rules.test.ts'),
};
const onS3 = operator('test/sweep.it.test.ts');

const listed = {
  file: operator('src/sweep/garbage-runs.ts'),
  caughtBy: operator('src/sweep/garbage-runs.test.ts'),
};

export const sweeping: readonly Mutation[] = [
  {
    guard: 'an erasure counts Parquet whose reviews are gone',
    file: operator('src/erase/find-customer.ts'),
    find: 'origin === undefined || holding.has(origin)',
    replace: 'origin !== undefined && holding.has(origin)',
    caughtBy: operator('src/erase/find-customer.test.ts'),
  },
  {
    guard: 'an erasure reads a purchase to its last quote',
    file: operator('src/erase/customer-in-file.ts'),
    find: '    if (isOpen) return false;\n',
    replace: '',
    caughtBy: operator('src/erase/customer-in-file.test.ts'),
  },
  {
    ...rules,
    guard: 'a sweep keeps records for KEEP_RECORDS',
    find: 'older: Math.max(older, keepRecords)',
    replace: 'older',
  },
  {
    ...rules,
    guard: 'a sweep keeps rejects for KEEP_REJECTS',
    find: 'older: Math.max(older, keepRejects)',
    replace: 'older',
  },
  {
    ...rules,
    guard: 'a sweep keeps what a manifest or the ledger names',
    find: 'if (named.has(run) || held)',
    replace: 'if (held)',
  },
  {
    ...rules,
    guard: 'a sweep keeps the runs of a held day',
    find: 'if (named.has(run) || held)',
    replace: 'if (named.has(run))',
  },
  {
    ...rules,
    guard: 'a sweep keeps what was written recently',
    find: '  if (!isOlder(Math.max(modified, runTime(run) ?? 0), ages)) return undefined;\n',
    replace: '',
  },
  {
    ...rules,
    guard: 'a sweep keeps what was replaced recently',
    find: "isOlder(pointerMoved, { now, older: keep }) ? 'superseded' : undefined",
    replace: "'superseded'",
  },
  {
    ...rules,
    guard: 'a sweep counts ages in whole seconds',
    find: 'now - Math.floor(modified / second) * second >= older',
    replace: 'now - modified >= older',
  },
  {
    ...listed,
    guard: 'a sweep keeps a day whose manifest it cannot read',
    find: "    if (damage.get(ds) === 'unreadable manifest') return [];\n",
    replace: '',
  },
  {
    ...listed,
    guard: 'a sweep keeps a day whose manifest moved after the listing',
    find: '    if (manifest !== undefined && published.get(ds)?.etag !== pointer?.etag) return [];\n',
    replace: '',
  },
  {
    guard: 'a sweep reads the manifest again after it has removed a run',
    file: operator('src/sweep/sweep-apply.ts'),
    find: '  if (await isNamed(where, folder)) {',
    replace: '  if (folder.objects < 0) {',
    caughtBy: operator('src/sweep/sweep-apply.test.ts'),
  },
  {
    guard: 'a sweep uses the clock of S3',
    file: operator('src/sweep/sweep-command.ts'),
    find: 'const { now } = new ServerClock(s3, () => new Date());',
    replace: 'const now = () => new Date();',
    caughtBy: onS3,
    named: 'when the host is a day ahead',
  },
  {
    guard: 'a sweep reads the manifest again before it removes a run',
    file: operator('src/sweep/sweep-apply.ts'),
    find: '(await isNamed(where, folder)) || ',
    replace: '',
    caughtBy: onS3,
    named: 'a run that is published in the meantime stays',
  },
  {
    guard: 'a sweep reads the lease again before it removes a run',
    file: operator('src/sweep/sweep-apply.ts'),
    find: ' || (await isDayHeld(where, folder))',
    replace: '',
    caughtBy: onS3,
    named: 'a run whose day is taken in the meantime stays',
  },
  {
    guard: 'a sweep lists a run again before it removes it',
    file: operator('src/sweep/sweep-apply.ts'),
    find: '    if (modified > folder.modified) return false;\n',
    replace: '',
    caughtBy: onS3,
    named: 'a run that writes again stays',
  },
  {
    guard: 'a sweep removes a lease only as it found it',
    file: operator('src/sweep/sweep-apply.ts'),
    find: 'Bucket: bucket, Key, IfMatch }',
    replace: 'Bucket: bucket, Key }',
    caughtBy: onS3,
    named: 'and so does a renewed lease',
  },
  {
    guard: 'a check leaves alone what another check has that runs now',
    file: 'packages/shared/src/runner/health-checks.ts',
    find: 'Math.abs(now - made) > longest',
    replace: 'Math.abs(now - made) >= 0',
    caughtBy: 'packages/redshift-load/src/leftovers.test.ts',
  },
  {
    guard: 'a check drops only what has the name of a check',
    file: 'packages/redshift-load/src/leftovers.ts',
    find: '/^doctor_([0-9a-f]{8})[0-9a-f]{4}$/',
    replace: '/^doctor_?(.*)$/',
    caughtBy: 'packages/redshift-load/src/leftovers.test.ts',
  },
];
