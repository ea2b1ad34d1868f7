/** What the job knows of a file that the vendor delivers, wherever it is. */
import { Failure } from '@user-behaviour/shared/failure';

/** What is there at one moment. */
export interface Look {
  /** Differs if the content may differ. */
  readonly version: string;
  readonly bytes: number;
  /** By the clock of the file system, in ms since 1970; undefined if the store replaces content at once. */
  readonly changedAt?: number;
}

/** Which variable names the file, for messages. */
export type SourceVariable = 'REVIEWS_SOURCE' | 'REVIEWS_READY';

export interface ReviewsSource {
  /** The path or S3 URI, for messages. */
  readonly name: string;
  /** Undefined while the file does not exist. */
  readonly look: () => Promise<Look | undefined>;
  /**
   * Reads the version of the look, all its bytes. Throws a transient failure if it is no longer that
   * version or has another number of bytes, and an error if the signal aborts.
   */
  readonly read: (look: Look, signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

const nameOf = (variable: SourceVariable, name: string): string =>
  `the ${variable === 'REVIEWS_SOURCE' ? 'reviews file' : 'marker'} ${name}`;

export const unreadable = (
  variable: SourceVariable,
  name: string,
  why: string,
  cause?: unknown,
): Failure =>
  new Failure('configuration', `${nameOf(variable, name)} cannot be read: ${why}`, {
    cause,
    action: `correct ${variable}, or grant the job read access to the file`,
  });

export const notRead = (
  variable: SourceVariable,
  name: string,
  why: string,
  cause?: unknown,
): Failure =>
  new Failure('transient', `${nameOf(variable, name)} could not be read: ${why}`, {
    cause,
    action: 'check the disk or mount that holds the file, then run the day again',
  });

export const changed = (name: string, cause?: unknown): Failure =>
  new Failure('transient', `the reviews file ${name} changed while it was read`, {
    cause,
    action:
      'run the day again when the delivery has ended; a vendor should write under another name and rename the file',
  });

/** Yields the body. Throws a transient failure if it has more or fewer bytes than the look. */
export async function* complete(
  name: string,
  { bytes }: Look,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read > bytes) throw changed(name);
    yield chunk;
  }
  if (read !== bytes) throw changed(name);
}
