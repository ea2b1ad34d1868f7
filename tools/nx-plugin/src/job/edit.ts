/** Edits of existing files. Each fails when the text that it looks for has changed. */
import type { Tree } from '@nx/devkit';

function edit(tree: Tree, file: string, change: (text: string) => string): void {
  const text = tree.read(file, 'utf8');
  if (text === null) throw new Error(`${file} is not there`);
  tree.write(file, change(text));
}

function requireOnce(file: string, text: string, anchor: string): void {
  const times = anchor === '' ? 0 : text.split(anchor).length - 1;
  if (times !== 1) {
    throw new Error(`${file} has ${JSON.stringify(anchor)} ${String(times)} times; expected once`);
  }
}

export function insertBefore(tree: Tree, file: string, anchor: string, block: string): void {
  edit(tree, file, (text) => {
    requireOnce(file, text, anchor);
    return text.replace(anchor, () => `${block}${anchor}`);
  });
}

/** Inserts whole lines after the line that the anchor is. */
export function insertBlockAfter(tree: Tree, file: string, anchor: string, block: string): void {
  edit(tree, file, (text) => {
    requireOnce(file, text, `${anchor}\n`);
    return text.replace(`${anchor}\n`, () => `${anchor}\n${block}\n`);
  });
}

export function appendToFile(tree: Tree, file: string, block: string): void {
  edit(tree, file, (text) => {
    if (block.trim() === '') throw new Error(`${file} has nothing to copy for the new job`);
    return `${text.trimEnd()}\n${block}`;
  });
}
