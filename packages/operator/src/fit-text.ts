/** Text within the width of a terminal, and durations for people. */

/** The text, or its beginning and an ellipsis, without half of a surrogate pair. */
export const cut = (text: string, width: number): string =>
  text.length <= width
    ? text
    : `${text.slice(0, Math.max(0, width - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`;

/** The text in lines of at most `width` characters; none for an empty one. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest.length > width) {
    const end = lineEnd(rest, width);
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === '' ? lines : [...lines, rest];
}

/** At a space, after a hyphen or an underscore, or else within a word. */
function lineEnd(text: string, width: number): number {
  for (let end = width; end > 0; end -= 1) {
    if (text[end] === ' ' || /[-_]/.test(text[end - 1] ?? '')) return end;
  }
  return Math.max(1, width);
}

/** `0.2 s`, `34 s` or `2 min 5 s`. */
export function tellDuration(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 120
    ? `${String(whole)} s`
    : `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
}
