import { describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../test/fake-terminal.ts';
import { LiveLines } from './live-lines.ts';

describe('live lines', () => {
  it('are drawn again in place, below the lines that stay', () => {
    const { terminal, rows } = fakeTerminal();
    const lines = new LiveLines(terminal);
    lines.draw(['one 1 s', 'two 1 s']);
    lines.draw(['one 2 s', 'two 2 s']);
    expect(rows).toEqual(['one 2 s', 'two 2 s']);
    lines.keep(['✓ zero']);
    lines.draw(['two 3 s']);
    expect(rows).toEqual(['✓ zero', 'two 3 s']);
    lines.draw([]);
    expect(rows).toEqual(['✓ zero']);
  });

  it('are not written again if nothing has changed', () => {
    const { terminal, written } = fakeTerminal();
    const lines = new LiveLines(terminal);
    lines.draw(['one']);
    lines.draw(['one']);
    expect(written).toHaveLength(1);
  });

  it('take one row each, whatever is in them', () => {
    const { terminal, rows } = fakeTerminal({ columns: 10 });
    new LiveLines(terminal).draw(['a\nb\u001b[2J', '0123456789abc']);
    expect(rows).toEqual(['a b [2J', '01234567…']);
  });

  it('have a coloured mark only where colours are wanted', () => {
    const coloured = fakeTerminal({ isColoured: true });
    new LiveLines(coloured.terminal).keep(['✓ done', '✗ failed', '— unchanged', 'plain']);
    expect(coloured.rows).toEqual([
      '\u001b[32m✓\u001b[0m done',
      '\u001b[31m✗\u001b[0m failed',
      '\u001b[2m—\u001b[0m unchanged',
      'plain',
    ]);
    const plain = fakeTerminal();
    new LiveLines(plain.terminal).keep(['✓ done']);
    expect(plain.rows).toEqual(['✓ done']);
  });
});
