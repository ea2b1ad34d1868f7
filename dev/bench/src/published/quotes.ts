/**
 * Figures of the benchmark in the text of documents. A comment names the figure, and what follows it, up to the
 * next comment, is written from the store:
 *
 *     <!-- bench big / extract-purchases, 1 connection / ratio -->1.04<!-- end -->
 *     <!-- bench growth / psql > /dev/null / 10,000 / time -->0.043<!-- end -->   (an entry of one of several sizes)
 *     <!-- bench growth / date -->2026-11-24<!-- end -->                          (also: machine, which is quiet or busy)
 *
 * A paragraph or table that quotes a time or a ratio from a busy machine has to quote its `machine`, too. A quote may not begin a line: in
 * Markdown, that would be a block of HTML.
 */
import { count } from '../report/figures.ts';
import type { Section } from '../settings.ts';
import { measureNames, measureOf } from './measures.ts';
import type { SectionFigures, Store } from './section-figures.ts';

const quote = /<!-- bench (.*?) -->([^<]*)<!-- end -->/g;

/** What other work on the machine does not change. */
const steady = new Set(['date', 'machine', 'memory', 'rows', 'runs', 'calls', 'log kept']);

const begin = '<!-- bench ';

const atLineStart = /^[\s>*+-]*<!-- bench (.*?) -->/m;

export const quotes = (document: string): boolean => document.includes(begin);

/**
 * The document with its quotes as the store has them.
 * @param path names the document in errors.
 * @throws if a quote has no end or no figure, or does not say that the machine was busy.
 */
export function withQuotes(document: string, store: Store, path: string): string {
  const blocks = document.split(/(\n\s*\n)/);
  return blocks.map((block) => withQuotesOfBlock(block, store, path)).join('');
}

function withQuotesOfBlock(block: string, store: Store, path: string): string {
  const found = [...block.matchAll(quote)].map(([, name = '']) => name);
  const fail = (name: string, problem: string): never => {
    throw new Error(`${path}: the quote "${name}" ${problem}`);
  };
  if (found.length !== block.split(begin).length - 1) {
    throw new Error(
      `${path}: a quote of the benchmark has no end; expected ${begin}SECTION / ENTRY / MEASURE -->…<!-- end --> in:\n${block}`,
    );
  }
  const [, first] = atLineStart.exec(block) ?? [];
  if (first !== undefined) fail(first, 'begins a line: put a word before it');
  for (const name of found) {
    const [section = '', ...rest] = partsOf(name);
    const isBusy = store.get(section as Section)?.isBusy === true;
    if (isBusy && !steady.has(rest.at(-1) ?? '') && !found.includes(`${section} / machine`)) {
      fail(name, `is from a busy machine: quote "${section} / machine" in the same paragraph`);
    }
  }
  return block.replaceAll(quote, (_, name: string) => {
    const [section = '', ...rest] = partsOf(name);
    const kept = store.get(section as Section);
    if (kept === undefined) {
      return fail(name, `names no section with results; known: ${[...store.keys()].join(', ')}`);
    }
    return `${begin}${name} -->${figureOf(kept, rest, (problem) => fail(name, problem))}<!-- end -->`;
  });
}

const partsOf = (name: string): readonly string[] => name.split(' / ').map((part) => part.trim());

function figureOf(
  { date, isBusy, entries }: SectionFigures,
  parts: readonly string[],
  fail: (problem: string) => never,
): string {
  const [first = '', second = '', third] = parts;
  if (parts.length === 1 && first === 'date') return date;
  if (parts.length === 1 && first === 'machine') return isBusy ? 'busy' : 'quiet';
  const [size, last] = third === undefined ? [undefined, second] : [second, third];
  const named = entries.filter(
    (entry) =>
      entry.name === first &&
      (size === undefined || (entry.size !== undefined && count(entry.size) === size)),
  );
  const [entry] = named;
  if (entry === undefined || named.length > 1) {
    const known = entries.map((one) =>
      one.size === undefined ? one.name : `${one.name} / ${count(one.size)}`,
    );
    return fail(
      `names ${entry === undefined ? 'no entry' : 'several entries'}; known: ${known.join('; ')}`,
    );
  }
  const measure = measureNames.find((name) => name === last);
  return (
    (measure === undefined ? undefined : measureOf(entry, measure)) ??
    fail(
      `names no figure of the entry; known: ${measureNames.filter((name) => measureOf(entry, name) !== undefined).join(', ')}`,
    )
  );
}
