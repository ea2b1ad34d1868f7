import { expect, it } from 'vitest';
import { lineText, screenOf } from './terminal-screen.ts';

const shown = (written: string) => screenOf(written).map(lineText);

it.each([
  ['lines', 'one\r\ntwo\r\n', ['one', 'two', '']],
  ['a line that is written again', 'loading 10 %\rloading 99 %', ['loading 99 %']],
  ['a shorter text over a longer one', 'abcdef\rxy', ['xycdef']],
  ['lines that are erased and drawn again', 'a\r\nb\r\n\u001b[2A\u001b[0Jc\r\n', ['c', '']],
  ['a line that is erased to its end', 'abc\r\u001b[Kd', ['d']],
])('shows %s', (_what, written, lines) => {
  expect(shown(written)).toEqual(lines);
});

it('keeps the colours', () => {
  expect(screenOf('\u001b[32m✓\u001b[0m done')).toEqual([
    [
      { text: '✓', style: '32' },
      { text: ' done', style: '' },
    ],
  ]);
});

it('does not guess what a sequence means that it does not know', () => {
  expect(() => screenOf('\u001b[5H')).toThrow('does not know');
});
