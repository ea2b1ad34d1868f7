/** The vendor's file on disk. */
import type { BigIntStats } from 'node:fs';
import { access, constants, open, stat } from 'node:fs/promises';
import { Failure } from '@user-behaviour/shared/failure';
import { fileErrorKind } from '@user-behaviour/shared/file-errors';
import {
  changed,
  complete,
  type Look,
  type ReviewsSource,
  type SourceVariable,
  notRead,
  unreadable,
} from './reviews-source.ts';

export function fileSource(path: string, variable: SourceVariable): ReviewsSource {
  const failure = (error: unknown): unknown => fileFailure(path, variable, error);
  return {
    name: path,
    async look() {
      try {
        const found = await stat(path, { bigint: true });
        if (!found.isFile()) throw unreadable(variable, path, 'it is not a file');
        await access(path, constants.R_OK);
        return lookOf(found);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw failure(error);
      }
    },
    async *read(look, signal) {
      try {
        // The handle stays with the file that was looked at, even if another one takes its name.
        await using handle = await open(path);
        if (lookOf(await handle.stat({ bigint: true })).version !== look.version) {
          throw changed(path);
        }
        const body = handle.createReadStream({ highWaterMark: 1 << 18, signal, autoClose: false });
        yield* complete(path, look, body);
      } catch (error) {
        throw isMissing(error) ? changed(path, error) : failure(error);
      }
    },
  };
}

/** Trouble of the disk or mount passes; a wrong path or right does not. */
export function fileFailure(path: string, variable: SourceVariable, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof Failure || code === undefined || code === 'ABORT_ERR') return error;
  const isWrongPath = fileErrorKind(code) === 'configuration';
  return isWrongPath
    ? unreadable(variable, path, code, error)
    : notRead(variable, path, code, error);
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Programs can set the time of modification, but not the time of the last change. */
const lookOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): Look => ({
  version: [dev, ino, size, mtimeNs, ctimeNs].join(' '),
  bytes: Number(size),
  changedAt: Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n),
});
