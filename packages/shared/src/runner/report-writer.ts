/** Writes to stdout and stderr. An error of theirs, e.g. a full disk, ends no work: it is told at the end. */
import { fstatSync, writeSync } from 'node:fs';
import { Failure } from '../failure.ts';

/** The parts of `process.stdout` and `process.stderr` that are used. */
export interface OutputStream {
  readonly write: (text: string, done: (error?: Error | null) => void) => unknown;
  /** A target without events takes each text at once and never fails. */
  readonly on?: (event: 'error', listener: (error: Error) => void) => unknown;
  readonly fd?: number;
  readonly isTTY?: boolean;
}

/** What a program says to the world. */
export interface Report {
  readonly stdout: ReportWriter;
  readonly stderr: ReportWriter;
}

export const reportTo = (host: Record<keyof Report, OutputStream>): Report => ({
  stdout: new ReportWriter('stdout', host.stdout),
  stderr: new ReportWriter('stderr', host.stderr),
});

/** The exit code of a program whose work ended with `exit`: a lost report counts only if nothing else failed. */
export async function exitOfReport(
  exit: number,
  { stdout, stderr }: Report,
  tell: (failure: Failure) => void,
): Promise<number> {
  const unreported = await stdout.loss();
  if (unreported !== undefined) tell(unreported);
  const lost = unreported ?? (await stderr.loss());
  return exit === 0 && lost !== undefined ? lost.exit : exit;
}

export class ReportWriter {
  readonly #name: string;
  readonly #stream: OutputStream;
  readonly #file: number | undefined;
  #written: Promise<void> = Promise.resolve();
  #error: Error | undefined;

  /** `name` is `stdout` or `stderr`. From now on an error of the stream is not uncaught. */
  constructor(name: string, stream: OutputStream) {
    this.#name = name;
    this.#stream = stream;
    this.#file = fileOf(stream);
    stream.on?.('error', this.#lose);
  }

  readonly write = (text: string): void => {
    if (this.#file === undefined) {
      this.#written = new Promise((resolve) => {
        this.#stream.write(text, (error) => {
          if (error) this.#lose(error);
          resolve();
        });
        if (this.#stream.on === undefined) resolve();
      });
      return;
    }
    try {
      writeWhole(this.#file, text);
    } catch (error) {
      this.#lose(error as Error);
    }
  };

  /** Waits until everything is written, e.g. for the reader of a pipe. Then: what was lost, or undefined. */
  async loss(): Promise<Failure | undefined> {
    await this.#written;
    // Others write to the stream, too, e.g. the parser its help; their error comes with the next turn of the loop.
    await new Promise(setImmediate);
    if (this.#error === undefined) return undefined;
    return new Failure(
      'report-lost',
      `${this.#name} could not be written: ${this.#error.message}`,
      {
        cause: this.#error,
      },
    );
  }

  readonly #lose = (error: Error): void => {
    this.#error ??= error;
  };
}

/** The descriptor of a file or a device. Pipes, sockets and terminals are left to Node, which waits for them. */
function fileOf({ fd, isTTY }: OutputStream): number | undefined {
  if (fd === undefined || isTTY === true) return undefined;
  const stat = fstatSync(fd);
  return stat.isFile() || stat.isCharacterDevice() ? fd : undefined;
}

/** Node's own stream takes a part for the whole, which is what a nearly full disk writes. */
function writeWhole(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
}
