/** The commands in the code blocks of documents, one by one, without their comments. */
import { text } from '../workspace-files.ts';

/** What the machine of a test may lack, or what another test runs. */
const elsewhere: readonly RegExp[] = [
  // The suite of the images starts these containers.
  /^docker |infra\/compose-env\.sh/,
  // A test of it.
  /^make test$/,
  // It waits for what a person types.
  /^make (psql|warehouse)$/,
  // It serves until it is stopped; ui.it.test.ts of the operator does that.
  /^make ui\b/,
  // It starts the history server; spark-ui.it.test.ts of the operator does that.
  /^make spark-ui\b/,
  // Only on a cluster.
  /^hdfs /,
];

export interface Command {
  readonly command: string;
  /** Whether its comment says that it fails. */
  readonly fails: boolean;
}

export interface Block {
  readonly document: string;
  readonly commands: readonly Command[];
  /** Lines of the block of `text` that follows: what the commands print, with … for what varies. */
  readonly printed: readonly string[];
}

/** The blocks of commands, in order. */
export function documentedBlocks(...documents: readonly string[]): readonly Block[] {
  return documents.flatMap((document) => {
    const blocks: Block[] = [];
    for (const [, language, block = ''] of text(document).matchAll(
      /^```(\w*)\n([\s\S]*?)^```$/gm,
    )) {
      const last = blocks.at(-1);
      if (language === 'sh') blocks.push({ document, commands: commandsOf(block), printed: [] });
      if (language === 'text' && last !== undefined) {
        const printed = block.split('\n').filter((line) => line.trim() !== '');
        blocks.splice(-1, 1, { ...last, printed });
      }
    }
    return blocks;
  });
}

const commandsOf = (block: string): readonly Command[] =>
  block
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => ({
      command: line.replace(/(^|\s+)# .*$/, '').trim(),
      fails: /\s# fails\b/.test(line),
    }))
    .filter(({ command }) => command !== '' && !elsewhere.some((pattern) => pattern.test(command)));

export const documentedCommands = (...documents: readonly string[]): readonly string[] =>
  documentedBlocks(...documents).flatMap(({ commands }) => commands.map(({ command }) => command));

/** Those of the documented lines that were not printed, whatever the blanks between their words. */
export function missingLines(printed: readonly string[], output: string): readonly string[] {
  const plain = (line: string) => line.trim().replaceAll(/\s+/g, ' ');
  const lines = output.split('\n').map(plain);
  return printed.filter((line) => {
    const parts = plain(line).split('…');
    return !lines.some((found) => hasInOrder(found, parts));
  });
}

function hasInOrder(line: string, parts: readonly string[]): boolean {
  let from = 0;
  return parts.every((part) => {
    const at = line.indexOf(part, from);
    from = at + part.length;
    return at !== -1;
  });
}
