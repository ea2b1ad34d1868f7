/** Lines at the end of a terminal that are drawn again in place; lines that stay go above them. */
import { cut } from '../fit-text.ts';
import type { Terminal } from './terminal.ts';

const escape = '\u001b[';
const colours: Readonly<Record<string, number>> = { '✓': 32, '✗': 31, '—': 2 };

export class LiveLines {
  readonly #terminal: Terminal;
  #lines: readonly string[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Replaces the lines that are drawn again. */
  draw(lines: readonly string[]): void {
    this.#update([], lines);
  }

  /** Writes lines that stay. */
  keep(lines: readonly string[]): void {
    this.#update(lines, this.#lines);
  }

  #update(kept: readonly string[], live: readonly string[]): void {
    if (kept.length === 0 && live.join('\n') === this.#lines.join('\n')) return;
    const drawn = this.#lines.length;
    const erase = drawn === 0 ? '' : `${escape}${String(drawn)}A${escape}0J`;
    const text = [...kept, ...live].map((line) => `${this.#fit(line)}\n`).join('');
    this.#lines = live;
    this.#terminal.write(`${erase}${text}`);
  }

  /** A line that wraps would take two rows, and the next drawing would start too low. */
  #fit(line: string): string {
    const fitting = cut(line.replaceAll(/\p{Cc}/gu, ' '), this.#terminal.columns - 1);
    const [mark = ''] = fitting;
    const colour = colours[mark];
    if (colour === undefined || !this.#terminal.isColoured) return fitting;
    return `${escape}${String(colour)}m${mark}${escape}0m${fitting.slice(mark.length)}`;
  }
}
