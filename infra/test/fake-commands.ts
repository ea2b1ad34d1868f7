/** A folder of replacements for docker, node and date, and what run-job.sh did with them. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const script = join(import.meta.dirname, '../cron/run-job.sh');

/** Writes its arguments down, waits while `hold` is there, ends with the next of the codes. */
const job = `#!/bin/bash
echo "$(basename "$0") $*" >>"$FAKES/calls"
trap 'exit 143' TERM
while [[ -e $FAKES/hold ]]; do sleep 0.02; done
read -r code <"$FAKES/codes" || code=0
sed -i.before 1d "$FAKES/codes"
exit "\${code:-0}"
`;

/** Each call returns a time one day later, so a script that asks twice gets different days. */
const date = `#!/bin/bash
if [[ $* != +%s ]]; then exec /bin/date "$@"; fi
now=$(<"$FAKES/now")
echo $((now + 86400)) >"$FAKES/now"
echo "$now"
`;

export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  readonly terminate: () => void;
  /** Resolves when it has written this to stderr. */
  readonly untilSaid: (words: string) => Promise<void>;
}

export class FakeCommands implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'run-job-'));

  /** @param now What the clock tells, e.g. 2010-12-02T00:00:00Z. @param codes Of one job after the other; 0 when there are no more. */
  constructor(now: string, codes: readonly number[] = []) {
    for (const [name, content] of Object.entries({ docker: job, node: job, date })) {
      writeFileSync(join(this.folder, name), content);
      chmodSync(join(this.folder, name), 0o755);
    }
    writeFileSync(join(this.folder, 'now'), String(Date.parse(now) / 1000));
    writeFileSync(join(this.folder, 'codes'), codes.map((code) => `${code}\n`).join(''));
  }

  /** The jobs that start from now on last until `letGo`. */
  hold(): void {
    writeFileSync(join(this.folder, 'hold'), '');
  }

  letGo(): void {
    rmSync(join(this.folder, 'hold'));
  }

  /** The command line of every job that was started. */
  get calls(): readonly string[] {
    const path = join(this.folder, 'calls');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  async untilCalls(count: number): Promise<void> {
    while (this.calls.length < count) await delay(10);
  }

  start(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Running {
    const child = spawn(script, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: `${this.folder}:/usr/local/bin:/usr/bin:/bin`,
        HOME: this.folder,
        FAKES: this.folder,
        RETRY_DELAY: '0',
        ...settings,
      },
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({ code, stderr: said });
      });
    });
    return {
      ended,
      terminate: () => child.kill('SIGTERM'),
      untilSaid: async (words) => {
        while (!said.includes(words)) await delay(10);
      },
    };
  }

  run(args: readonly string[], settings?: Readonly<Record<string, string>>): Promise<Ended> {
    return this.start(args, settings).ended;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
