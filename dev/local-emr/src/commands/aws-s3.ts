/** `aws s3 cp, mv, rm, ls, sync`, as the AWS CLI's command reference describes them. */
import * as places from './places.ts';
import { CommandFailure, type CommandContext, type Place } from './places.ts';

const QUIET = ['--quiet', '--only-show-errors', '--no-progress'];

/** The options of each command, and its number of paths. */
const COMMANDS: Readonly<Record<string, readonly [options: readonly string[], paths: number]>> = {
  cp: [['--recursive', ...QUIET], 2],
  mv: [['--recursive', ...QUIET], 2],
  sync: [QUIET, 2],
  rm: [['--recursive', ...QUIET], 1],
  ls: [['--recursive'], 1],
};

interface Call {
  readonly name: string;
  readonly isRecursive: boolean;
  readonly isQuiet: boolean;
  readonly context: CommandContext;
}

/** Takes the arguments after `aws`. @throws CommandFailure as the real command fails, and for what is not emulated. */
export async function awsS3(args: readonly string[], context: CommandContext): Promise<void> {
  const [service, name = '', ...rest] = args;
  const known = COMMANDS[name];
  if (service !== 's3' || known === undefined) {
    throw new CommandFailure(
      `the local cloud does not support 'aws ${args.slice(0, 2).join(' ')}'; supported are ${Object.keys(
        COMMANDS,
      )
        .map((one) => `aws s3 ${one}`)
        .join(', ')}`,
      252,
    );
  }
  const options = rest.filter((one) => one.startsWith('-'));
  const paths = rest.filter((one) => !one.startsWith('-'));
  const odd = options.find((option) => !known[0].includes(option));
  if (odd !== undefined || paths.length !== known[1]) {
    throw new CommandFailure(
      `aws s3 ${name}: the local cloud supports ${String(known[1])} path${known[1] === 1 ? '' : 's'} and ${known[0].join(', ')}, not ${odd ?? `${String(paths.length)} paths`}`,
      252,
    );
  }
  const call: Call = {
    name,
    isRecursive: options.includes('--recursive'),
    isQuiet: options.some((option) => option === '--quiet' || option === '--only-show-errors'),
    context,
  };
  const [from, to] = paths.map((path) => placeOf(path, context));
  if (from === undefined) return;
  if (to === undefined) {
    if (from.location.kind !== 's3' || !from.address.startsWith('s3://')) {
      throw new CommandFailure(`aws s3 ${name}: '${from.address}' is not an s3:// address`, 252);
    }
    return name === 'ls' ? list(call, from) : removeAll(call, from);
  }
  if (!from.address.startsWith('s3:') && !to.address.startsWith('s3:')) {
    throw new CommandFailure(`aws s3 ${name}: one of the paths must be an s3:// address`, 252);
  }
  return name === 'sync' ? sync(call, from, to) : copy(call, from, to);
}

/** HDFS is no file system of the AWS CLI. */
function placeOf(address: string, context: CommandContext): Place {
  if (address.startsWith('hdfs:')) {
    throw new CommandFailure(`aws s3 does not know '${address}'; use hdfs dfs or s3-dist-cp`, 252);
  }
  return address.startsWith('s3:')
    ? places.hadoopPlace(address, context)
    : places.localPlace(address, context);
}

async function copy(call: Call, from: Place, to: Place): Promise<void> {
  const found = await places.look(from);
  if (!call.isRecursive && found?.isFolder !== false) {
    const what = found === undefined ? 'does not exist' : 'is a folder; use --recursive';
    throw new CommandFailure(`fatal error: ${from.address} ${what}`);
  }
  for await (const file of places.filesOf(from)) {
    const place = call.isRecursive
      ? places.child(to, file.relative)
      : await places.target(to, file.relative);
    await places.copyFile(file, place, call.context.signal);
    if (call.name === 'mv') await file.remove();
    say(call, `${call.name === 'mv' ? 'move' : 'copy'}: ${file.address} to ${place.address}`);
  }
}

/** Copies what is missing, has another size, or is newer. */
async function sync(call: Call, from: Place, to: Place): Promise<void> {
  for await (const file of places.filesOf(from)) {
    const [source, goal] = [places.child(from, file.relative), places.child(to, file.relative)];
    const [theirs, ours] = await Promise.all([places.look(source), places.look(goal)]);
    const isCurrent =
      ours?.bytes === file.bytes && ours.modified.getTime() >= (theirs?.modified.getTime() ?? 0);
    if (isCurrent) continue;
    await places.copyFile(file, goal, call.context.signal);
    say(call, `copy: ${file.address} to ${goal.address}`);
  }
}

async function removeAll(call: Call, place: Place): Promise<void> {
  if ((await places.look(place))?.isFolder !== call.isRecursive) return;
  for await (const file of places.filesOf(place)) {
    await file.remove();
    say(call, `delete: ${file.address}`);
  }
}

async function list(call: Call, place: Place): Promise<void> {
  const found = await places.look(place);
  // The CLI ends with 1 and says nothing.
  if (found === undefined) throw new CommandFailure('');
  const line = (time: Date, bytes: number, name: string): void => {
    const at = time.toISOString().slice(0, 19).replace('T', ' ');
    call.context.write(`${at} ${String(bytes).padStart(10)} ${name}\n`);
  };
  if (!found.isFolder) {
    line(found.modified, found.bytes, found.name);
    return;
  }
  if (call.isRecursive) {
    for await (const file of places.filesOf(place)) {
      const one = await places.look(places.child(place, file.relative));
      line(one?.modified ?? new Date(0), file.bytes, file.address.replace(/^s3:\/\/[^/]+\//, ''));
    }
    return;
  }
  for (const one of await places.children(place)) {
    if (one.isFolder) call.context.write(`${'PRE'.padStart(30)} ${one.name}/\n`);
    else line(one.modified, one.bytes, one.name);
  }
}

function say({ isQuiet, context }: Call, text: string): void {
  if (!isQuiet) context.write(`${text}\n`);
}
