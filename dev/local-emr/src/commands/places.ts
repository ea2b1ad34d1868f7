/** Where the file commands of a step read and write: HDFS, S3, and the step's own folder on this machine. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { isAbsolute, posix, relative, resolve, sep } from 'node:path';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { copySources, type CopySource, type Storage } from '../dist-cp/copy-source.ts';
import { copyTo } from '../dist-cp/copy-target.ts';
import { hdfsFile, parseLocation, showLocation, type Location } from '../dist-cp/location.ts';

/** A file or folder. The step's folder is a second HDFS: another directory of this machine. */
export interface Place {
  /** As the user has written it. */
  readonly address: string;
  readonly location: Location;
  readonly storage: Storage;
}

export interface Found {
  readonly place: Place;
  readonly name: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly modified: Date;
}

/** What a command may use. */
export interface CommandContext {
  readonly storage: Storage;
  /** The step's own folder, the only one on this machine that file commands use. */
  readonly home: string;
  /** The current folder, below `home`. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Writes to the command's output. */
  readonly write: (chunk: string | Uint8Array) => void;
}

/** A command that has failed as the real one fails. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A path of `hadoop fs`: a relative one is below the home folder in HDFS. @throws on a path with `..`. */
export function hadoopPlace(address: string, context: CommandContext): Place {
  if (address.startsWith('file:')) return localPlace(address, context);
  const isRelative = address !== '' && !address.startsWith('/') && !/^[a-z0-9]+:/.test(address);
  const location = parseLocation(isRelative ? `/user/hadoop/${address}` : address);
  return { address, location, storage: context.storage };
}

/** A path of this machine. @throws outside of the step's folder. */
export function localPlace(address: string, context: CommandContext): Place {
  const { home, cwd, storage } = context;
  const path = address.replace(/^file:\/*/, '/');
  const below = relative(home, resolve(cwd, path));
  if (path.split(/[\\/]/).includes('..') || below.startsWith('..') || isAbsolute(below)) {
    throw new CommandFailure(
      `'${address}' is not in the step's own folder; use a relative path, or one below $HOME or $TMPDIR`,
    );
  }
  const local = { ...storage, hdfsDir: home };
  return {
    address,
    location: { kind: 'hdfs', path: `/${below.split(sep).join('/')}` },
    storage: local,
  };
}

/** Undefined if there is nothing. In S3, a folder is a prefix. */
export async function look(place: Place): Promise<Found | undefined> {
  const { location, storage } = place;
  const name = nameOf(location);
  if (location.kind === 'hdfs') {
    const found = await stat(hdfsFile(storage.hdfsDir, location.path)).catch(() => undefined);
    if (found === undefined) return undefined;
    const isFolder = found.isDirectory();
    return { place, name, isFolder, bytes: isFolder ? 0 : found.size, modified: found.mtime };
  }
  const key = location.key.replace(/\/$/, '');
  const isPrefix = key !== location.key || key === '';
  for await (const one of objectsBelow(place, key)) {
    if (one.key === key && !isPrefix) {
      return { place, name, isFolder: false, bytes: one.bytes, modified: one.modified };
    }
    if (key === '' || one.key.startsWith(`${key}/`)) {
      return { place, name, isFolder: true, bytes: 0, modified: one.modified };
    }
  }
  return undefined;
}

/** What a folder holds, sorted by name. */
export async function children(place: Place): Promise<Found[]> {
  const { location, storage } = place;
  if (location.kind === 'hdfs') {
    const names = await readdir(hdfsFile(storage.hdfsDir, location.path));
    const found = await Promise.all(names.sort().map((name) => look(child(place, name))));
    return found.filter((one) => one !== undefined);
  }
  const prefix = location.key === '' ? '' : `${location.key.replace(/\/$/, '')}/`;
  const found = new Map<string, Found>();
  for await (const { key, bytes, modified } of objectsBelow(place, prefix)) {
    const [name = '', ...rest] = key.slice(prefix.length).split('/');
    if (name === '' || found.has(name)) continue;
    const isFolder = rest.length > 0;
    found.set(name, {
      ...{ place: child(place, name), name, isFolder, modified },
      bytes: isFolder ? 0 : bytes,
    });
  }
  return [...found.values()];
}

/** All files below a folder, or the file. */
export const filesOf = ({ location, storage }: Place): AsyncGenerator<CopySource> =>
  copySources(location, storage);

/** Copies a file to exactly this place. */
export async function copyFile(source: CopySource, to: Place, signal: AbortSignal): Promise<void> {
  const { location, storage } = to;
  const parent: Location =
    location.kind === 's3'
      ? { ...location, key: posix.dirname(`/${location.key}`).slice(1) }
      : { ...location, path: posix.dirname(location.path) };
  await copyTo(parent, { ...source, relative: nameOf(location) }, storage, signal);
}

/** Removes a file, or a folder with all that is in it. */
export async function remove(place: Place): Promise<void> {
  const { location, storage } = place;
  if (location.kind === 'hdfs') {
    await rm(hdfsFile(storage.hdfsDir, location.path), { recursive: true, force: true });
  } else {
    for await (const file of filesOf(place)) await file.remove();
  }
}

/** S3 has no folders, so nothing is made there. */
export async function makeFolder({ location, storage }: Place): Promise<void> {
  if (location.kind !== 'hdfs') return;
  await mkdir(hdfsFile(storage.hdfsDir, location.path), { recursive: true });
}

export function child(place: Place, name: string): Place {
  const { location } = place;
  const address = `${place.address.replace(/\/$/, '')}/${name}`;
  if (location.kind === 'hdfs') {
    return { ...place, address, location: { ...location, path: posix.join(location.path, name) } };
  }
  const key = location.key === '' ? name : `${location.key.replace(/\/$/, '')}/${name}`;
  return { ...place, address, location: { ...location, key } };
}

/** Where a copy of `name` goes: into a folder under this name, or to the place itself. */
export async function target(place: Place, name: string): Promise<Place> {
  const isFolder = place.address.endsWith('/') || (await look(place))?.isFolder === true;
  return isFolder ? child(place, name) : place;
}

export const isSame = (a: Place, b: Place): boolean =>
  a.storage.hdfsDir === b.storage.hdfsDir && showLocation(a.location) === showLocation(b.location);

const nameOf = (location: Location): string =>
  posix.basename(location.kind === 's3' ? location.key : location.path);

async function* objectsBelow({ location, storage }: Place, prefix: string) {
  if (location.kind !== 's3') return;
  const request = { Bucket: location.bucket, Prefix: prefix };
  for await (const { Contents } of paginateListObjectsV2({ client: storage.s3 }, request)) {
    for (const { Key: key = '', Size: bytes = 0, LastModified } of Contents ?? []) {
      yield { key, bytes, modified: LastModified ?? new Date(0) };
    }
  }
}
