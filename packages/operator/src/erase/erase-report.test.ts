import { parseDs } from '@user-behaviour/shared/ds';
import { expect, it } from 'vitest';
import { eraseOutput } from './erase-report.ts';
import type { Removal } from '../sweep/sweep-apply.ts';
import type { Trace } from './find-customer.ts';

const ds = parseDs('2010-12-01');
const trace: Trace = {
  ...{ ds, where: 'public.user_behavior_metric', rows: 'customers' },
  ...{ isPublished: true, isLoaded: true },
};
const removal: Removal = {
  garbage: {
    ...{ kind: 'run', where: `movie_review/load/${ds}/r/`, why: 'superseded' },
    ...{ objects: 2, bytes: 10, modified: 0 },
  },
  outcome: 'removed',
};

it('says what was found, removed and left, and what is out of reach', () => {
  const found = { traces: [trace], unread: [ds] };
  const { text, json } = eraseOutput({
    ...{ customer: '17850', found, removals: [removal], remaining: [] },
  });
  expect(text(undefined)).toContain('2010-12-01  customers  public.user_behavior_metric');
  expect(text(undefined)).toContain('removed 1 run: 2 objects, 10 bytes');
  expect(text(undefined)).toContain('snapshots and backups of Redshift');
  expect(text(undefined)).not.toContain('still there');
  expect(json()).toMatchObject({
    ...{ customer: '17850', applied: true, unread: [ds], remaining: [] },
    found: [{ ds, rows: 'customers', where: trace.where, isPublished: true }],
    removed: [{ where: removal.garbage.where, outcome: 'removed' }],
  });
});

it('says what is still there, and that a dry run removed nothing', () => {
  const found = { traces: [], unread: [] };
  const erasure = { customer: '17850', found, removals: undefined, remaining: [trace] };
  const { text, json } = eraseOutput(erasure);
  expect(text(undefined)).toContain('nothing holds rows of customer 17850');
  expect(text(undefined)).toContain('still there:\nds');
  expect(json()).toMatchObject({ applied: false, removed: [] });
});
