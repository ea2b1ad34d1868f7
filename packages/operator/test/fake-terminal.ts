/** A terminal that remembers what a person would see. */
import type { Terminal } from '../src/progress/terminal.ts';

/** Rows move up by `ESC[nA`, and `ESC[0J` clears from there: the only codes besides colours that progress uses. */
export function fakeTerminal({ columns = 100, isColoured = false } = {}) {
  const rows: string[] = [];
  const written: string[] = [];
  const write = (text: string) => {
    written.push(text);
    const [, up = '0', rest = text] = /^\u001b\[(\d+)A\u001b\[0J([^]*)$/.exec(text) ?? [];
    rows.splice(rows.length - Number(up));
    rows.push(...rest.split('\n').slice(0, -1));
  };
  const terminal: Terminal = { columns, isColoured, write };
  return { terminal, rows, written };
}
