/** A job whose work a test defines. */
import * as z from 'zod';
import { variable } from '../src/runner/config.ts';
import { Failure, type FailureKindName } from '../src/failure.ts';
import type { Job, OpenJob, Outcome, Session } from '../src/runner/job.ts';

const variables = { BUCKET: variable('a bucket', z.string()) };
export const done: Outcome = { status: 'published', rows: 3 };

type Work = Omit<OpenJob, typeof Symbol.asyncDispose>;

export function jobOf(
  work: Work | ((session: Session) => Work),
  disposed = (): Promise<void> => Promise.resolve(),
) {
  const job: Job<typeof variables> = {
    stage: { name: 'some-job', reads: ['some/dataset'] },
    version: '1.2.3',
    summary: 'Does some work.',
    variables,
    healthChecks: () => Promise.resolve({ checks: [], [Symbol.asyncDispose]: disposed }),
    open: (_configuration, session) =>
      Promise.resolve({
        ...(typeof work === 'function' ? work(session) : work),
        [Symbol.asyncDispose]: disposed,
      }),
  };
  return job;
}

export const failing = (kind: FailureKindName) => () =>
  Promise.reject(new Failure(kind, `a ${kind}`));
