/** The operator's commands; infra/Makefile and infra/operator call them. */
import { createInterface } from 'node:readline/promises';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import yargs from 'yargs';
import { adviceOn, optionNames } from './command-line/option-names.ts';
import { refuseBlank, refuseRepeated, usageFailure } from './command-line/refuse-typos.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { inspectCommands } from './plan/inspect-commands.ts';
import { terminalOf } from './progress/terminal.ts';
import { runCommands } from './run/run-commands.ts';
import type { Shell } from './shell.ts';
import { sweepCommand } from './sweep/sweep-command.ts';
import { requireLocalCloud } from './world/world.ts';

const { env, stdin, stdout, stderr } = process;
const argv = process.argv.slice(2);
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

async function ask(question: string): Promise<boolean> {
  using lines = createInterface({ input: stdin, output: stderr });
  return /^y(es)?$/i.test((await lines.question(question)).trim());
}

const shell: Shell = {
  env,
  report: (line) => void stderr.write(`${line}\n`),
  print: (text) => void stdout.write(`${text}\n`),
  end: (exit) => {
    process.exitCode = exit;
  },
  stopSignal,
  optionName: optionNames(env),
  ask: stdin.isTTY ? ask : undefined,
  terminal: terminalOf(stderr, env),
  showsResult: stdout.isTTY,
};

try {
  refuseRepeated(argv, shell.optionName);
  const cli = yargs(argv).scriptName('operator').locale('en');
  await [runCommands, inspectCommands, sweepCommand, doctorCommand]
    .reduce((known, group) => group(known, shell), cli)
    .completion('completion', 'print what makes a shell complete these commands')
    .demandCommand(1, 'name a command')
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .check((given) => {
      refuseBlank(given, argv[0] ?? '', env);
      return true;
    })
    .middleware(() => requireLocalCloud(env))
    .fail((message, error) => {
      throw error instanceof Failure
        ? error
        : usageFailure(message || error.message, argv, cli, env);
    })
    .parseAsync();
} catch (error) {
  const failure = asFailure(error);
  const advice = adviceOn(failure, env);
  shell.report(`operator: ${failure.message}${advice === '' ? '' : `\n${advice}`}`);
  shell.end(failure.exit);
}
