/** The commands that the endpoint runs itself, for steps and for scripts of steps. */
import type { DistCpArguments } from '../dist-cp/dist-cp-arguments.ts';
import { distCp } from '../dist-cp/dist-cp.ts';
import { parseDistCp } from '../dist-cp/dist-cp-arguments.ts';
import { awsS3 } from './aws-s3.ts';
import { hadoopFs } from './hadoop-fs.ts';
import { CommandFailure, type CommandContext } from './places.ts';

type FileCommand = (args: readonly string[], context: CommandContext) => Promise<void>;

export const fileCommands: Readonly<Record<string, FileCommand>> = {
  's3-dist-cp': async (args, context) => {
    const parsed: DistCpArguments = parseDistCp(args);
    const copied = await distCp(parsed, context.storage, context.signal, (line) => {
      context.write(`${line}\n`);
    });
    context.write(`copied ${copied.files} files, ${copied.bytes} bytes\n`);
  },
  hadoop: (args, context) => shell('hadoop', ['fs', 'dfs'], args, context),
  hdfs: (args, context) => shell('hdfs', ['dfs'], args, context),
  aws: awsS3,
};

async function shell(
  program: string,
  shells: readonly string[],
  [name = '', ...args]: readonly string[],
  context: CommandContext,
): Promise<void> {
  if (!shells.includes(name)) {
    throw new CommandFailure(
      `the local cloud does not support '${program} ${name}'; use ${program} ${shells[0] ?? ''}, s3-dist-cp or spark-submit`,
    );
  }
  await hadoopFs(args, context);
}
