import { describe, expect, it } from 'vitest';
import { formatTable } from './table.ts';

describe('a table', () => {
  it('has numbers on the right and texts on the left, as wide as they need', () => {
    const rows = [
      ['12431', 'EUR', 307.25],
      ['7', 'of a long name', undefined],
      ['-5.5', '', 0],
    ];
    expect(formatTable(['customer', 'name', 'amount'], rows)).toBe(
      [
        'customer  name            amount',
        '--------  --------------  ------',
        '   12431  EUR             307.25',
        '       7  of a long name',
        '    -5.5                       0',
      ].join('\n'),
    );
  });

  it('takes a column for text when one of its values is', () => {
    expect(formatTable(['n'], [['10'], ['1 h']])).toBe('n\n---\n10\n1 h');
  });

  it('without rows is its head, and a short row ends early', () => {
    expect(formatTable(['a', 'b'], [])).toBe('a  b\n-  -');
    expect(formatTable(['a', 'b'], [['x']])).toBe('a  b\n-  -\nx');
  });

  it('keeps its shape whatever a value contains', () => {
    expect(formatTable(['a'], [['two\nlines\u001b[2J']])).toBe('a\n-------------\ntwo lines [2J');
  });
});
