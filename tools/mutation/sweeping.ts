/** Guards of the operator's sweep. */
import type { Mutation } from './mutation.ts';

const operator = (file: string) => `packages/operator/${file}`;
const rules = {
  file: operator('src/sweep/sweep-rules.ts'),
  caughtBy: operator('src/sweep/sweep-rules.test.ts'),
};
const onS3 = operator('test/sweep.it.test.ts');

export const sweeping: readonly Mutation[] = [
  {
    ...rules,
    guard: 'a sweep leaves what a manifest or the ledger names',
    find: 'if (named.has(run) || held)',
    replace: 'if (held)',
  },
  {
    ...rules,
    guard: 'a sweep leaves the runs of a day that somebody holds',
    find: 'if (named.has(run) || held)',
    replace: 'if (named.has(run))',
  },
  {
    ...rules,
    guard: 'a sweep leaves what was written to lately',
    find: '  if (!isOlder(Math.max(modified, runTime(run) ?? 0), ages)) return undefined;\n',
    replace: '',
  },
  {
    ...rules,
    guard: 'a sweep leaves what was replaced lately',
    find: "isOlder(pointerMoved, { now, older: keep }) ? 'superseded' : undefined",
    replace: "'superseded'",
  },
  {
    ...rules,
    guard: 'a sweep reads the times of objects as S3 tells its own, in whole seconds',
    find: 'now - Math.floor(modified / second) * second >= older',
    replace: 'now - modified >= older',
  },
  {
    guard: 'a sweep goes by the clock of S3',
    file: operator('src/sweep/sweep-command.ts'),
    find: 'const { now } = new ServerClock(s3, () => new Date());',
    replace: 'const now = () => new Date();',
    caughtBy: onS3,
    named: 'though the host is a day ahead',
  },
  {
    guard: 'a sweep reads the pointer again before it removes a run',
    file: operator('src/sweep/sweep-apply.ts'),
    find: '(await isNamed(where, folder)) || ',
    replace: '',
    caughtBy: onS3,
    named: 'a run that is published after all stays',
  },
  {
    guard: 'a sweep reads the lease again before it removes a run',
    file: operator('src/sweep/sweep-apply.ts'),
    find: ' || (await isDayHeld(where, folder))',
    replace: '',
    caughtBy: onS3,
    named: 'a run whose day is taken stays',
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
    named: 'and so does a lease that is renewed',
  },
];
