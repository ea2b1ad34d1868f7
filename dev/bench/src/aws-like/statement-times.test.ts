import { describe, expect, it } from 'vitest';
import { statementsTime } from './latencies.ts';
import { StatementTimes } from './statement-times.ts';

const lock = '-- One at a time.\nlock public.some_lock;';
const load = [lock, 'insert into t select c from spectrum.user_purchase_staging'];
const query = ['select 1'];

describe('a statement', () => {
  it('takes longer the more it does', () => {
    const scan = 'insert into t select c from spectrum.user_purchase_staging where d = 1';
    const alter = "alter table spectrum.reviews add partition (d='x') location 's3://b/k'";
    const small = statementsTime(query);
    expect(statementsTime([...query, ...query])).toBeGreaterThan(small);
    expect(statementsTime([scan])).toBeGreaterThan(statementsTime([alter]));
    expect(statementsTime([alter])).toBeGreaterThan(small);
    expect(statementsTime(['-- Not from spectrum.t, as it\n-- says here.\nselect 1'])).toBe(small);
  });

  it('ends its time after the local one, of which the first counts', () => {
    const times = new StatementTimes();
    times.submit('id', 100, query);
    expect(times.end('id', 150)).toBe(150 + statementsTime(query));
    expect(times.end('id', 900)).toBe(150 + statementsTime(query));
    expect(times.startOf('id')).toBe(100);
  });

  it('that takes the lock waits for the load before it; others do not', () => {
    const times = new StatementTimes();
    expect(times.submit('first', 0, load)).toBe(true);
    expect(times.submit('second', 0, load)).toBe(true);
    expect(times.submit('query', 0, query)).toBe(false);
    expect(times.submit('migration', 0, [lock, ...query])).toBe(false);
    const first = times.end('first', 10);
    expect(times.end('second', 20)).toBe(first + statementsTime(load));
    expect(times.end('migration', 25)).toBeGreaterThan(times.end('second', 20));
    expect(times.end('query', 30)).toBe(30 + statementsTime(query));
  });

  it('submitted again is the same one', () => {
    const times = new StatementTimes();
    times.submit('id', 0, load);
    expect(times.submit('id', 500, load)).toBe(false);
    expect(times.startOf('id')).toBe(0);
  });
});
