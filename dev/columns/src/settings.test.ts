import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const here = 'postgres://shop:secret@127.0.0.1:5432/retail';

describe('readSettings', () => {
  it('takes a million rows unless told otherwise', () => {
    expect(readSettings({ SOURCE_DATABASE_URL: here })).toEqual({
      databaseUrl: here,
      rows: 1_000_000,
    });
    expect(readSettings({ SOURCE_DATABASE_URL: here, ROWS: '5000' }).rows).toBe(5000);
  });

  it.each([
    undefined,
    '',
    'postgres://shop.example.com/retail',
    'postgres://127.example.com/retail',
  ])('leaves a server elsewhere alone: %s', (url) => {
    expect(() => readSettings({ SOURCE_DATABASE_URL: url })).toThrow(
      'no PostgreSQL on this machine',
    );
  });

  it.each(['0', '999', '1e9', 'many', '1000.5'])('refuses ROWS=%s', (rows) => {
    expect(() => readSettings({ SOURCE_DATABASE_URL: here, ROWS: rows })).toThrow(
      `ROWS is ${rows}`,
    );
  });
});
