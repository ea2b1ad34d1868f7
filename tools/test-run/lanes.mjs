// Runs steps on lanes, side by side, and keeps the output of each step together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * @typedef {{
 *   readonly name: string,
 *   readonly command: readonly string[],
 *   readonly env?: NodeJS.ProcessEnv,
 *   readonly after?: readonly string[],
 * }} Step
 * @typedef {{ readonly name: string, readonly seconds: number, readonly failure?: string }} Outcome
 * @typedef {{ write(chunk: string | Uint8Array): unknown }} Sink
 */

/** Passes on the output of the oldest running step as it comes, and holds the others' back until their turn. */
class OneAtATime {
  #open = [];

  /** @returns {{ write: (sink: Sink, chunk: string | Uint8Array) => void, end: () => void }} */
  open() {
    const held = { chunks: [], ended: false };
    this.#open.push(held);
    return {
      write: (sink, chunk) => {
        if (this.#open[0] === held) sink.write(chunk);
        else held.chunks.push([sink, chunk]);
      },
      end: () => {
        held.ended = true;
        this.#passOn();
      },
    };
  }

  #passOn() {
    while (this.#open[0]?.ended === true) {
      this.#open.shift();
      for (const [sink, chunk] of this.#open[0]?.chunks.splice(0) ?? []) sink.write(chunk);
    }
  }
}

/** The first step that waits for no other. */
function takeNext(waiting, done) {
  const at = waiting.findIndex(({ after = [] }) => after.every((name) => done.has(name)));
  return at < 0 ? undefined : waiting.splice(at, 1)[0];
}

/**
 * Starts the steps in the order given, as lanes become free. A step also runs when one before it failed,
 * so that one run shows every failure.
 * @param {readonly Step[]} steps
 * @param {{ cwd: string, lanes?: number, out?: Sink, err?: Sink }} options
 * @returns {Promise<readonly Outcome[]>} in the order in which they ended
 */
export async function runSteps(steps, options) {
  const { cwd, lanes = 2, out = process.stdout, err = process.stderr } = options;
  const waiting = [...steps];
  const done = new Set();
  const running = new Set();
  const outcomes = [];
  const output = new OneAtATime();
  while (waiting.length > 0 || running.size > 0) {
    while (running.size < lanes) {
      const step = takeNext(waiting, done);
      if (step === undefined) break;
      const run = runStep(step, cwd, output.open(), { out, err }).then((outcome) => {
        outcomes.push(outcome);
        done.add(step.name);
        running.delete(run);
      });
      running.add(run);
    }
    if (running.size === 0) {
      throw new Error(
        `these steps wait for one that is not there: ${waiting.map(({ name }) => name).join(', ')}`,
      );
    }
    await Promise.race(running);
  }
  return outcomes;
}

async function runStep({ name, command, env }, cwd, output, { out, err }) {
  const start = Date.now();
  const [file, ...args] = command;
  output.write(err, `\n== ${name}\n`);
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk) => output.write(out, chunk));
  child.stderr.on('data', (chunk) => output.write(err, chunk));
  const failure = await once(child, 'close').then(
    ([status, signal]) => (status === 0 ? undefined : String(signal ?? status)),
    (error) => error.message,
  );
  const seconds = Math.round((Date.now() - start) / 1000);
  output.write(
    err,
    `== ${name}: ${failure === undefined ? 'ok' : `FAILED (${failure})`}, ${seconds} s\n`,
  );
  output.end();
  return { name, seconds, ...(failure === undefined ? {} : { failure }) };
}
