import { describe, expect, it } from 'vitest';
import { rebuildStatements } from './rebuild.ts';
import { loadStatements } from './transaction.ts';

const load = loadStatements();
const names = (writes: boolean) => rebuildStatements(load, writes).map(({ name }) => name);

describe('the statements that rebuild a row of the ledger', () => {
  it('compare the slice with what the load makes before they write the row', () => {
    const all = names(true);
    const first = ['lock', 'planned_day', 'fill_planned_day', 'moves_forward', 'not_in_ledger'];
    expect(all.slice(0, 5)).toEqual(first);
    const compared = all.indexOf('slice_as_loaded');
    expect(all.indexOf('fill_metric_day')).toBeLessThan(compared);
    expect(compared).toBeGreaterThan(all.indexOf('reviews_of_published_run'));
    expect(compared).toBeLessThan(all.indexOf('insert_ledger'));
    const audits = load.filter(({ kind }) => kind === 'audit').map(({ name }) => name);
    expect(all).toEqual(expect.arrayContaining(audits));
  });

  it('never change the metric', () => {
    for (const writes of [true, false]) {
      for (const { sql } of rebuildStatements(load, writes)) {
        expect(sql).not.toMatch(/(into|from|update) public\.user_behavior_metric\b[\s\S]*values/);
        expect(sql).not.toMatch(/^(delete from|update|insert into) public\.user_behavior_metric\b/);
      }
    }
  });

  it('write the counts of the day, so that they are those of the run in the ledger', () => {
    expect(names(true)).toEqual(expect.arrayContaining(['delete_day_counts', 'insert_day_counts']));
  });

  it('leave the ledger and the counts alone in a dry run', () => {
    for (const { sql } of rebuildStatements(load, false)) {
      expect(sql).not.toMatch(/user_behavior_metric_\w/);
    }
  });

  it('have the parameters of a set of one', () => {
    for (const { name, sql } of rebuildStatements(load, true)) {
      expect(sql, name).not.toMatch(/:ds\b|each day/);
    }
  });

  it('fit into a batch of the Data API', () => {
    expect(names(true).length).toBeLessThanOrEqual(40);
  });
});
