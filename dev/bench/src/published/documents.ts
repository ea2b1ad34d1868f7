/** All documents with figures of the benchmark: the page with its plots, and those that quote it. */
import { globSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderReport } from '../report/report.ts';
import { quotes, withQuotes } from './quotes.ts';
import type { Store } from './section-figures.ts';

/** Where figures are quoted. A decision in docs/adr keeps the figures of its day. */
const quoting = ['*.md', 'docs/*.md', 'docs/lesson/*.md', '{packages,dev}/*/README.md'];

/**
 * What each document has to contain, by its path from the root.
 * @throws if a document quotes a figure that the store lacks.
 */
export function documents(root: string, store: Store): ReadonlyMap<string, string> {
  const pages = globSync(quoting, { cwd: root })
    .map((path) => [path, readFileSync(join(root, path), 'utf8')] as const)
    .filter(([, text]) => quotes(text))
    .map(([path, text]) => [path, withQuotes(text, store, path)] as const);
  const report = [...renderReport(store)].map(([path, text]) => [`docs/${path}`, text] as const);
  return new Map([...pages, ...report]);
}

export async function writeDocuments(root: string, store: Store): Promise<void> {
  for (const [path, text] of documents(root, store)) await writeFile(join(root, path), text);
}
