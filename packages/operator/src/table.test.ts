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

  describe('of a limited width', () => {
    const columns = ['customer id', 'min_quantity', 'review'];
    const rows = [[7, '2010-12-01', 'stale , wooden and , against all odds , stale .']];
    const widths = (table: string) => table.split('\n').map(({ length }) => length);

    it('is as without a limit if it fits', () => {
      const table = formatTable(columns, rows);
      expect(formatTable(columns, rows, { width: Math.max(...widths(table)) })).toBe(table);
    });

    it('wraps its headings and then cuts its texts, but no number and no date', () => {
      expect(formatTable(columns, rows, { width: 36 })).toBe(
        [
          'customer  min_        review',
          '      id  quantity',
          '--------  ----------  --------------',
          '       7  2010-12-01  stale , woode…',
        ].join('\n'),
      );
    });

    it('wraps its texts, if asked, without losing any', () => {
      const table = formatTable(['ds', 'load'], [['2010-12-01', 'parameters changed: x 2 → 5']], {
        width: 24,
        overflow: 'wrap',
      });
      expect(table.split('\n').slice(2)).toEqual([
        '2010-12-01  parameters',
        '            changed: x 2',
        '            → 5',
      ]);
    });

    it('breaks a word that is too long, and never a surrogate pair', () => {
      const wide = ['x'.repeat(20)];
      const wrapped = formatTable(['a'], [wide], { width: 8, overflow: 'wrap' });
      expect(wrapped.split('\n').slice(2)).toEqual(['x'.repeat(8), 'x'.repeat(8), 'x'.repeat(4)]);
      expect(formatTable(['a'], [['abcdef🙂🙂🙂']], { width: 8 }).split('\n')[2]).toBe('abcdef…');
    });

    it('gets no narrower than readable', () => {
      expect(Math.max(...widths(formatTable(columns, rows, { width: 1 })))).toBe(30);
    });
  });
});
