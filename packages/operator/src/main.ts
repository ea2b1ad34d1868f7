/** The operator's commands; infra/Makefile calls them. */
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import yargs from 'yargs';
import { doctorCommand } from './doctor/doctor-command.ts';
import { s3Command } from './bucket/s3-command.ts';
import { render } from './output.ts';
import { inspectCommands } from './plan/inspect-commands.ts';
import { runCommands } from './run/run-commands.ts';
import type { Shell } from './shell.ts';
import { showCommand } from './show/show-command.ts';
import { psqlCommand } from './source/psql-command.ts';
import { sweepCommand } from './sweep/sweep-command.ts';

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

let json = false;

const shell: Shell = {
  env: process.env,
  report: (line) => void process.stderr.write(`${line}\n`),
  print: (output) => {
    const width = process.stdout.isTTY ? process.stdout.columns : undefined;
    process.stdout.write(`${render(output, { json, width })}\n`);
  },
  end: (exit) => {
    process.exitCode = exit;
  },
  stopSignal,
};

try {
  const groups = [
    runCommands,
    inspectCommands,
    showCommand,
    psqlCommand,
    s3Command,
    sweepCommand,
    doctorCommand,
  ];
  const cli = yargs(process.argv.slice(2)).scriptName('operator');
  await groups
    .reduce((known, commands) => commands(known, shell), cli)
    .middleware((given) => {
      json = given['json'] === true;
    })
    .demandCommand(1, 'name a command')
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof Failure ? error : new Failure('usage', message || error.message);
    })
    .parseAsync();
} catch (error) {
  const failure = asFailure(error);
  shell.report(`operator: ${failure.message}\n${failure.action}`);
  shell.end(failure.exit);
}
