import { describe, expect, it } from 'vitest';
import { dropLeftovers, probeName } from './leftovers.ts';

const now = new Date('2026-11-29T12:00:00Z');
const ago = (minutes: number) => probeName(new Date(now.getTime() - minutes * 60_000));
const dropped = (rows: readonly (readonly [string, string])[]) =>
  dropLeftovers(
    rows.map(([schema, table]) => ({ schema, table })),
    now,
  ).map(({ sql }) => sql);

describe('what a killed check left', () => {
  it('is dropped, tables before schemas', () => {
    const [one, other] = [ago(15), ago(60 * 24 * 365)];
    expect(
      dropped([
        [other, other],
        ['public', one],
        ['public', other],
        [other, ''],
      ]),
    ).toEqual([
      `drop table if exists ${other}.${other}`,
      `drop table if exists public.${one}`,
      `drop table if exists public.${other}`,
      `drop schema if exists ${other}`,
    ]);
  });

  it('is dropped if its name has no time, as of an older release', () => {
    expect(dropped([['public', 'doctor_f0e1d2c3b4a5']])).toHaveLength(1);
    expect(dropped([['doctor_0123456789ab', '']])).toHaveLength(1);
  });

  it('is dropped once, and not through the schema of a check that runs', () => {
    const [left, running] = [ago(15), ago(1)];
    const shown = [running, 'spectrum'].map((schema) => [schema, left] as const);
    expect(dropped(shown)).toEqual([`drop table if exists spectrum.${left}`]);
    expect(dropped(shown.slice(0, 1))).toEqual([]);
  });

  it('is not what a check has that runs now, nor what somebody else named', () => {
    expect(
      dropped([
        ['public', ago(0)],
        ['public', ago(9)],
        [ago(1), ago(1)],
        [ago(1), ''],
        ['public', 'doctor_visits'],
        ['public', 'doctors'],
        ['public', `${ago(60)}_copy`],
        ['doctor_notes', ''],
      ]),
    ).toEqual([]);
  });
});
