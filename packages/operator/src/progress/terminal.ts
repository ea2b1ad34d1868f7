/** What progress is drawn on. */

export interface Terminal {
  /** Now; people resize windows. */
  readonly columns: number;
  readonly isColoured: boolean;
  readonly write: (text: string) => void;
}

/** Longer lines are hard to read, however wide the window is. */
export const widest = 100;

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write: (text: string) => unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The terminal behind a stream; undefined if it is none, or none where lines can be drawn again. */
export function terminalOf(stream: Stream, environment: Environment): Terminal | undefined {
  const isDumb = environment['TERM'] === 'dumb';
  if (stream.isTTY !== true || isDumb) return undefined;
  return {
    get columns() {
      return Math.min(widest, stream.columns ?? 80);
    },
    isColoured: (environment['NO_COLOR'] ?? '') === '',
    write: (text) => void stream.write(text),
  };
}
