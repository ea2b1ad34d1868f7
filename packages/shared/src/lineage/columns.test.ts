import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pipeline, type Stage } from '../pipeline.ts';
import { columnsOf, derivations } from './columns.ts';
import { readsOf } from './event-datasets.ts';

const sql = (path: string) =>
  readFileSync(join(import.meta.dirname, '../../../../sql', path), 'utf8');

/** Names and types of the first list in parentheses, without constraints. */
function columnsOfDdl(path: string): Record<string, string> {
  const [, list = ''] = /create (?:external )?table[^(]*\(\n([\s\S]*?)\n\)/.exec(sql(path)) ?? [];
  const lines = list.split('\n').map((line) => line.trim().replace(/,$/, ''));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', type = ''] = /^(\w+) (.+?)(?: not null)?$/.exec(line) ?? [];
      return [name, type];
    }),
  );
}

describe('the columns in events of lineage', () => {
  it.each([
    ['retail.user_purchase', 'source/001_user_purchase.sql'],
    ['user_purchase/stage', 'warehouse/ddl/020_user_purchase_staging.sql'],
    ['movie_review/stage', 'warehouse/ddl/030_movie_review_clean_stage.sql'],
    ['public.user_behavior_metric', 'warehouse/ddl/040_user_behavior_metric.sql'],
  ])('of %s are those of sql/%s', (dataset, path) => {
    const found = Object.entries(columnsOfDdl(path));
    expect(found.length).toBeGreaterThan(1);
    expect(Object.entries(columnsOf[dataset] ?? {})).toEqual(found);
  });

  it('come from columns of what the stage reads', () => {
    const origins = pipeline.flatMap((stage: Stage) => {
      const { columns = {}, rows = [] } = derivations[stage.writes] ?? {};
      expect(Object.keys(columnsOf[stage.writes] ?? {})).toEqual(Object.keys(columns));
      return [...Object.values(columns).flat(), ...rows].map((origin) => ({ origin, stage }));
    });
    expect(origins.length).toBeGreaterThan(10);
    for (const { origin, stage } of origins) {
      expect(readsOf(stage)).toContain(origin.dataset);
      expect(Object.keys(columnsOf[origin.dataset] ?? {})).toContain(origin.column);
    }
  });
});
