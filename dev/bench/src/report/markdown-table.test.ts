import { describe, expect, it } from 'vitest';
import { markdownTable } from './markdown-table.ts';

describe('a Markdown table', () => {
  it('is padded and aligned', () => {
    const columns = [
      ['who', 'left'],
      ['s', 'right'],
    ] as const;
    expect(markdownTable(columns, [['psql', '1.00'], ['ours']])).toBe(
      ['| who  |    s |', '| ---- | ---: |', '| psql | 1.00 |', '| ours |      |'].join('\n'),
    );
  });

  it('escapes the content of its cells', () => {
    expect(markdownTable([['a', 'left']], [['x | y\nz']])).toContain('| x \\| y z |');
  });
});
