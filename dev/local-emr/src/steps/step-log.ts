/** The three log files of a step, with EMR's names (EMRMG/emr-manage-view-web-log-files). */
import { appendFileSync, closeSync, mkdirSync, openSync, readSync, fstatSync } from 'node:fs';
import { join } from 'node:path';

const TAIL_BYTES = 64 * 1024;

export class StepLog {
  readonly directory: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly controller: string;

  constructor(logs: string, clusterId: string, stepId: string) {
    this.directory = join(logs, clusterId, stepId);
    mkdirSync(this.directory, { recursive: true });
    this.stdout = join(this.directory, 'stdout');
    this.stderr = join(this.directory, 'stderr');
    this.controller = join(this.directory, 'controller');
    for (const file of [this.stdout, this.stderr]) closeSync(openSync(file, 'a'));
  }

  /** Logs a line about the step itself, with a timestamp. */
  control(line: string): void {
    appendFileSync(this.controller, `${new Date().toISOString()} ${line}\n`);
  }

  /** Adds to the output of a command that runs inside the endpoint. */
  write(chunk: string | Uint8Array): void {
    appendFileSync(this.stdout, chunk);
  }

  err(line: string): void {
    appendFileSync(this.stderr, `${line}\n`);
  }

  /** The last 64 KiB of both outputs. */
  tails(): { stdout: string; stderr: string } {
    return { stdout: tail(this.stdout), stderr: tail(this.stderr) };
  }
}

function tail(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}
