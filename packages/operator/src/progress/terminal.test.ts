import { describe, expect, it } from 'vitest';
import { terminalOf } from './terminal.ts';

const stream = (columns?: number) => ({
  isTTY: true,
  ...(columns === undefined ? {} : { columns }),
  write: () => true,
});

describe('a terminal', () => {
  it('has at most 100 columns, and 80 where it does not say', () => {
    expect([200, 60, undefined].map((columns) => terminalOf(stream(columns), {})?.columns)).toEqual(
      [100, 60, 80],
    );
  });

  it('is none where lines cannot be drawn again', () => {
    expect(terminalOf({ write: () => true }, {})).toBeUndefined();
    expect(terminalOf(stream(), { TERM: 'dumb' })).toBeUndefined();
  });

  it('has no colours with NO_COLOR', () => {
    expect(terminalOf(stream(), { NO_COLOR: '1' })?.isColoured).toBe(false);
    expect(terminalOf(stream(), { NO_COLOR: '' })?.isColoured).toBe(true);
  });
});
