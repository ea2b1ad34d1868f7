/** Redshift's POSIX regular expressions (pattern-matching-conditions-posix, REGEXP_…), in JavaScript's syntax. */

const classes: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

function compiled(pattern: string, flags: string): RegExp {
  const source = pattern.replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole);
  return new RegExp(source, flags.includes('i') ? 'gi' : 'g');
}

/** The matches at or after a position, which counts from 1. */
function matchesOf(
  text: string,
  pattern: string,
  position: number,
  flags: string,
): RegExpExecArray[] {
  const expression = compiled(pattern, flags);
  return [...text.matchAll(expression)].filter((match) => match.index >= position - 1);
}

export function countMatches(
  text: string,
  pattern: string,
  position: number,
  flags: string,
): number {
  return matchesOf(text, pattern, position, flags).length;
}

/** The position of a match, or with option 1 the position after it; 0 if there is none. */
export function positionOfMatch(
  text: string,
  pattern: string,
  position: number,
  occurrence: number,
  option: number,
  flags: string,
): number {
  const match = matchesOf(text, pattern, position, flags)[occurrence - 1];
  if (match === undefined) return 0;
  return match.index + 1 + (option === 1 ? match[0].length : 0);
}

/** The match, or with the parameter `e` its first group; empty if there is none. */
export function matchedText(
  text: string,
  pattern: string,
  position: number,
  occurrence: number,
  flags: string,
): string {
  const match = matchesOf(text, pattern, position, flags)[occurrence - 1];
  return (flags.includes('e') ? match?.[1] : match?.[0]) ?? '';
}

/** Replaces every match. A group is `$1` or `\1`. */
export function replaceMatches(
  text: string,
  pattern: string,
  replacement: string,
  position: number,
  flags: string,
): string {
  const [kept, rest] = [text.slice(0, position - 1), text.slice(position - 1)];
  return kept + rest.replace(compiled(pattern, flags), replacement.replace(/\\(\d)/g, '$$$1'));
}
