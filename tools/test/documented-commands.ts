/** The commands in the code blocks of a document, one by one, without their comments. */
import { text } from '../workspace-files.ts';

/** What a machine may lack, or what another test runs. */
const elsewhere: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^docker |^cp infra\/compose\.env/, 'the suite of the images starts these containers'],
  [/^make test$/, 'this is a test of it'],
  [/^make psql$/, 'it waits for what a person types'],
  [/^hdfs /, 'there is a cluster with a shell only on EMR'],
];

export interface Documented {
  readonly run: readonly string[];
  /** Commands that are left out, with the reason. */
  readonly left: readonly string[];
}

export function documentedCommands(...documents: readonly string[]): Documented {
  const commands = documents.flatMap((document) =>
    [...text(document).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
      block
        .replaceAll('\\\n', ' ')
        .split('\n')
        .map((line) => line.replace(/(^|\s+)# .*$/, '').trim())
        .filter((line) => line !== ''),
    ),
  );
  const reason = (command: string) => elsewhere.find(([pattern]) => pattern.test(command))?.[1];
  return {
    run: commands.filter((command) => reason(command) === undefined),
    left: commands.flatMap((command) => {
      const why = reason(command);
      return why === undefined ? [] : [`${command}: ${why}`];
    }),
  };
}
