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

export function documentedCommands(...documents: readonly string[]): readonly string[] {
  return documents
    .flatMap((document) => [...text(document).matchAll(/^```sh\n([\s\S]*?)^```$/gm)])
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/(^|\s+)# .*$/, '').trim())
    .filter((line) => line !== '' && !elsewhere.some((pattern) => pattern.test(line)));
}
