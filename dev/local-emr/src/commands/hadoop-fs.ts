/** `hadoop fs` and `hdfs dfs`, as Hadoop's FileSystem shell guide describes them. */
import type { CopySource } from '../dist-cp/copy-source.ts';
import * as places from './places.ts';
import { CommandFailure, type CommandContext, type Found, type Place } from './places.ts';

interface Call {
  readonly name: string;
  readonly options: ReadonlySet<string>;
  /** The paths, not yet expanded. */
  readonly paths: readonly string[];
  readonly context: CommandContext;
}

/** The options of each command, and how many paths it takes at least. */
const COMMANDS: Readonly<Record<string, readonly [options: string, paths: number]>> = {
  '-ls': ['-R -d -h', 0],
  '-mkdir': ['-p', 1],
  '-rm': ['-r -R -f -skipTrash', 1],
  '-put': ['-f', 2],
  '-get': ['-f', 2],
  '-cp': ['-f', 2],
  '-mv': ['', 2],
  '-cat': ['', 1],
  '-test': ['-d -e -f -s -z', 1],
  '-du': ['-s -h', 1],
};
const SAME: Readonly<Record<string, string>> = {
  '-copyFromLocal': '-put',
  '-copyToLocal': '-get',
  '-rmr': '-rm',
};

/** @throws CommandFailure as the real command fails, and for what is not emulated. */
export async function hadoopFs(args: readonly string[], context: CommandContext): Promise<void> {
  const call = parse(args, context);
  const { name, options, paths } = call;
  switch (name) {
    case '-ls':
      return list(call);
    case '-mkdir':
      for (const path of paths) await makeFolder(call, places.hadoopPlace(path, context));
      return;
    case '-rm':
      return removeAll(call);
    case '-cat':
      for (const { place, isFolder } of await expandAll(call, paths)) {
        if (isFolder) throw failure(call, place, 'Is a directory');
        for await (const file of places.filesOf(place)) await show(file, context);
      }
      return;
    case '-test': {
      const found = await places.look(places.hadoopPlace(paths[0] ?? '', context));
      if (!isAs(found, options)) throw new CommandFailure('test: the path is not as asked');
      return;
    }
    case '-du':
      return diskUsage(call);
    default:
      return copyAll(call);
  }
}

function parse(args: readonly string[], context: CommandContext): Call {
  const [action = '', ...rest] = args;
  const name = SAME[action] ?? action;
  const known = COMMANDS[name];
  if (known === undefined) {
    throw new CommandFailure(
      `the local cloud does not support '${action}'; supported are ${Object.keys(COMMANDS).join(' ')}`,
    );
  }
  const options = new Set(rest.filter((one) => one.startsWith('-')));
  const paths = rest.filter((one) => !one.startsWith('-'));
  const odd = [...options].find((option) => !known[0].split(' ').includes(option));
  if (odd !== undefined) {
    throw new CommandFailure(`${name}: the local cloud does not support ${odd} (${known[0]})`);
  }
  if (paths.length < known[1]) throw new CommandFailure(`${name}: Not enough arguments`);
  if (action === '-rmr') options.add('-r');
  return { name, options, paths: paths.length === 0 ? ['.'] : paths, context };
}

async function list(call: Call): Promise<void> {
  const { options, paths, context } = call;
  const lines = (found: readonly Found[]): void => {
    for (const one of found) context.write(`${line(one, options.has('-h'))}\n`);
  };
  for (const one of await expandAll(call, paths)) {
    if (!one.isFolder || options.has('-d')) {
      lines([one]);
      continue;
    }
    const inside = await places.children(one.place);
    if (options.has('-R')) {
      const deep = async (folder: readonly Found[]): Promise<void> => {
        for (const each of folder) {
          lines([each]);
          if (each.isFolder) await deep(await places.children(each.place));
        }
      };
      await deep(inside);
    } else {
      if (inside.length > 0) context.write(`Found ${inside.length} items\n`);
      lines(inside);
    }
  }
}

function line({ place, isFolder, bytes, modified }: Found, readable: boolean): string {
  const time = modified.toISOString().slice(0, 16).replace('T', ' ');
  const size = (readable ? human(bytes) : String(bytes)).padStart(10);
  const mode = isFolder ? 'drwxr-xr-x   -' : '-rw-r--r--   1';
  return `${mode} hadoop hdfsadmingroup ${size} ${time} ${place.address}`;
}

async function makeFolder(call: Call, place: Place): Promise<void> {
  const found = await places.look(place);
  if (found !== undefined && (!found.isFolder || !call.options.has('-p'))) {
    throw failure(call, place, 'File exists');
  }
  const parent = places.child(place, '..');
  const isOrphan = place.location.kind === 'hdfs' && (await places.look(parent))?.isFolder !== true;
  if (isOrphan && !call.options.has('-p')) throw failure(call, place, 'No such file or directory');
  await places.makeFolder(place);
}

async function removeAll(call: Call): Promise<void> {
  const { options, paths } = call;
  const isRecursive = options.has('-r') || options.has('-R');
  const found = await expandAll(call, paths, options.has('-f'));
  for (const { place, isFolder } of found) {
    const { location } = place;
    if ((location.kind === 'hdfs' ? location.path : location.key).replace('/', '') === '') {
      throw failure(call, place, 'the root may not be removed');
    }
    if (isFolder && !isRecursive) throw failure(call, place, 'Is a directory');
  }
  for (const { place } of found) {
    await places.remove(place);
    call.context.write(`Deleted ${place.address}\n`);
  }
}

function isAs(found: Found | undefined, options: ReadonlySet<string>): boolean {
  if (found === undefined) return false;
  const checks: Readonly<Record<string, boolean>> = {
    '-d': found.isFolder,
    '-f': !found.isFolder,
    '-s': found.isFolder || found.bytes > 0,
    '-z': !found.isFolder && found.bytes === 0,
  };
  return [...options].every((option) => checks[option] ?? true);
}

async function diskUsage(call: Call): Promise<void> {
  const { options, paths, context } = call;
  for (const one of await expandAll(call, paths)) {
    const parts = one.isFolder && !options.has('-s') ? await places.children(one.place) : [one];
    for (const { place } of parts) {
      let bytes = 0;
      for await (const file of places.filesOf(place)) bytes += file.bytes;
      const size = options.has('-h') ? human(bytes) : String(bytes);
      context.write(`${size}  ${size}  ${place.address}\n`);
    }
  }
}

/** -put, -get, -cp and -mv: the last path is the target. */
async function copyAll(call: Call): Promise<void> {
  const { name, options, context } = call;
  const [last = '', ...sources] = call.paths.toReversed();
  const from = name === '-put' ? places.localPlace : places.hadoopPlace;
  const to = (name === '-get' ? places.localPlace : places.hadoopPlace)(last, context);
  const found = await expandAll(call, sources.reverse(), false, from);
  if (found.length > 1 && (await places.look(to))?.isFolder !== true && !last.endsWith('/')) {
    throw failure(call, to, 'No such file or directory');
  }
  for (const one of found) {
    const goal = await places.target(to, one.name);
    if (places.isSame(one.place, goal)) throw failure(call, goal, 'are the same file');
    if (!options.has('-f') && (await places.look(goal)) !== undefined) {
      throw failure(call, goal, 'File exists');
    }
    for await (const file of places.filesOf(one.place)) {
      const place = one.isFolder ? places.child(goal, file.relative) : goal;
      await places.copyFile(file, place, context.signal);
    }
    if (one.isFolder) await places.makeFolder(goal);
    if (name === '-mv') await places.remove(one.place);
  }
}

async function show(file: CopySource, { signal, write }: CommandContext): Promise<void> {
  for await (const chunk of await file.open(signal)) write(chunk as Uint8Array);
}

/** What the paths name. `*`, `?` and `{a,b}` are expanded, as the real command does itself. */
async function expandAll(
  call: Call,
  paths: readonly string[],
  mayBeMissing = false,
  placeOf: (address: string, context: CommandContext) => Place = places.hadoopPlace,
): Promise<Found[]> {
  const all: Found[] = [];
  for (const path of paths) {
    const found = /[*?{]/.test(path)
      ? await matching(placeOf(path.replace(/[^/]*[*?{].*$/, '') || '.', call.context), path)
      : [await places.look(placeOf(path, call.context))].filter((one) => one !== undefined);
    if (found.length === 0 && !mayBeMissing) {
      throw failure(call, placeOf(path, call.context), 'No such file or directory');
    }
    all.push(...found);
  }
  return all;
}

async function matching(folder: Place, path: string): Promise<Found[]> {
  const start = path.search(/[^/]*[*?{]/);
  let found = [await places.look(folder)].filter((one) => one !== undefined);
  for (const part of path.slice(start).split('/')) {
    const pattern = new RegExp(`^${globSource(part)}$`);
    const inside = await Promise.all(
      found.filter(({ isFolder }) => isFolder).map(({ place }) => places.children(place)),
    );
    found = inside.flat().filter(({ name }) => pattern.test(name));
  }
  return found;
}

const globSource = (glob: string): string =>
  glob
    .replaceAll(/[.+^$()|[\]\\{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll(/\\\{([^{}]*)\\\}/g, (_, any: string) => `(?:${any.replaceAll(',', '|')})`);

const failure = ({ name }: Call, { address }: Place, why: string): CommandFailure =>
  new CommandFailure(`${name.slice(1)}: \`${address}': ${why}`);

function human(bytes: number): string {
  const unit = Math.min(4, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return unit === 0 ? String(bytes) : `${(bytes / 1024 ** unit).toFixed(1)} ${' KMGT'[unit] ?? ''}`;
}
