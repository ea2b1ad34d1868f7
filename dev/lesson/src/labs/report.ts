/** A lab's finding as text. */
import { guardNamed } from '../guards.ts';
import type { Finding, Lab } from './lab.ts';
import { labs } from './labs.ts';

/** One line for each lab. */
export const listOfLabs = (): string => {
  const width = Math.max(...labs.map(({ name }) => name.length));
  return labs.map(({ name, about }) => `${name.padEnd(width)}  ${about}\n`).join('');
};

/** @throws when the figures do not differ: there is nothing to learn then. */
export function reportOf(lab: Lab, finding: Finding): string {
  if (finding.figures.every(({ right, wrong }) => right === wrong)) {
    throw new Error(`lab ${lab.name}: the figures are the same with and without the guard`);
  }
  return [
    `${lab.name}: ${lab.about}`,
    '',
    ...lab.guards.flatMap(takenOut),
    '',
    tableOf(finding),
    ...finding.remarks,
    'The copy and its cloud are removed; your own files and cloud were not touched.',
    '',
  ].join('\n');
}

/** The figures side by side, a line each. */
export function tableOf({ wrongIs, figures }: Pick<Finding, 'wrongIs' | 'figures'>): string {
  const rows = [
    ['', 'right', wrongIs ?? 'without the guard'],
    ...figures.map(({ what, right, wrong }) => [what, right, wrong]),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map(([what = '', ...values]) =>
    [what.padEnd(widths[0] ?? 0), ...values.map((text, at) => text.padStart(widths[at + 1] ?? 0))]
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}

/** What was removed from which file, as in a diff. */
export function takenOut(name: string): readonly string[] {
  const { guard, file, find, replace } = guardNamed(name);
  const lines = (sign: string, text: string) =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `  ${sign} ${visible(line.trim())}`);
  return [`taken out: ${guard} (${file})`, ...lines('-', find), ...lines('+', replace)];
}

/** Control characters by their numbers. */
const visible = (text: string): string =>
  text.replaceAll(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
