/** The operator's commands; infra/Makefile and infra/operator call them. */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Failure } from '@user-behaviour/shared/failure';
import { exitOfReport, reportTo } from '@user-behaviour/shared/runner/report-writer';
import { optionNames } from './command-line/option-names.ts';
import { operate } from './operate.ts';
import { terminalOf, widest } from './progress/terminal.ts';

const { env, stdin, stdout, stderr } = process;
const output = reportTo(process);
let exit = 0;
let stopping: AbortController | undefined;

function stopSignal(): AbortSignal {
  if (stopping === undefined) {
    const controller = (stopping = new AbortController());
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        controller.abort(new Failure('interrupted', `stopped by ${signal}`));
      });
    }
  }
  return stopping.signal;
}

/** The end of the input is a no. */
async function ask(question: string): Promise<boolean> {
  using lines = createInterface({ input: stdin, output: stderr, terminal: false });
  const ended = once(lines, 'close').then(() => '');
  const answer = await Promise.race([lines.question(question), ended]);
  return /^y(es)?$/i.test(answer.trim());
}

const report = (line: string): void => {
  output.stderr.write(`${line}\n`);
};

/** Not at the top level: a bundle is CommonJS, which cannot wait there. */
async function main(): Promise<void> {
  await operate(process.argv.slice(2), {
    env,
    report,
    print: (text) => {
      output.stdout.write(`${text}\n`);
    },
    resultWidth: stdout.isTTY ? Math.min(widest, stdout.columns) : undefined,
    end: (code) => {
      exit = code;
    },
    stopSignal,
    optionName: optionNames(env),
    ask: stdin.isTTY ? ask : undefined,
    terminal: terminalOf(stderr, env),
  });
  process.exitCode = await exitOfReport(exit, output, ({ message, action }) => {
    report(`operator: ${message}\n${action}`);
  });
}

void main();
