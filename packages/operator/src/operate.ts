/** Parses the operator's command line, runs the command, and says what was wrong. */
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import yargs from 'yargs';
import { adviceOn } from './command-line/option-names.ts';
import { refuseBlank, refuseRepeated, usageFailure } from './command-line/refuse-typos.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { inspectCommands } from './plan/inspect-commands.ts';
import { runCommands } from './run/run-commands.ts';
import type { Shell } from './shell.ts';
import { sweepCommand } from './sweep/sweep-command.ts';

/** Never throws: a failure is reported, and ends the shell with its exit code. */
export async function operate(argv: readonly string[], shell: Shell): Promise<void> {
  const { env } = shell;
  try {
    // A shell that asks for completions sends what has been typed so far.
    if (argv[0] !== '--get-yargs-completions') refuseRepeated(argv, shell.optionName);
    const cli = yargs([...argv])
      .scriptName('operator')
      .locale('en');
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
}
