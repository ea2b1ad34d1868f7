/** Parses the operator's command line, runs the command, and says what was wrong. */
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { rememberEnvironment } from '@user-behaviour/shared/s3/credential-source';
import yargs from 'yargs';
import { adviceOn } from './command-line/option-names.ts';
import { refuseBlank, refuseRepeated, usageFailure } from './command-line/refuse-typos.ts';
import { s3Command } from './bucket/s3-command.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { healthCommand } from './health/health-command.ts';
import { lookCommand } from './plan/look-command.ts';
import { lineageCommand } from './lineage/lineage-command.ts';
import { render } from './output.ts';
import { inspectCommands } from './plan/inspect-commands.ts';
import { eraseCommand } from './erase/erase-command.ts';
import { queriesCommand } from './queries/queries-command.ts';
import { pageCommand } from './page/page-command.ts';
import { runCommands } from './run/run-commands.ts';
import { runsCommand } from './runs/runs-command.ts';
import type { Shell } from './shell.ts';
import { showCommand } from './show/show-command.ts';
import { sparkUiCommand } from './spark-ui/spark-ui-command.ts';
import { psqlCommand } from './source/psql-command.ts';
import { sweepCommand } from './sweep/sweep-command.ts';
import { uiCommand } from './ui/ui-command.ts';
import { migrateCommand } from './warehouse/migrate-command.ts';
import { rebuildLedgerCommand } from './warehouse/rebuild-ledger-command.ts';

/** What the operator runs in; results reach it as text. */
export type Surroundings = Omit<Shell, 'print'> & { readonly print: (text: string) => void };

const commands = [
  runCommands,
  inspectCommands,
  lookCommand,
  runsCommand,
  showCommand,
  queriesCommand,
  pageCommand,
  psqlCommand,
  s3Command,
  lineageCommand,
  sweepCommand,
  migrateCommand,
  rebuildLedgerCommand,
  eraseCommand,
  doctorCommand,
  healthCommand,
  uiCommand,
  sparkUiCommand,
];

/** Never throws: a failure is reported, and ends the shell with its exit code. */
export async function operate(argv: readonly string[], outside: Surroundings): Promise<void> {
  const { env } = outside;
  rememberEnvironment(env);
  let json = false;
  const shell: Shell = {
    ...outside,
    print: (output) => {
      outside.print(render(output, { json, width: outside.resultWidth }));
    },
  };
  try {
    // A shell that asks for completions sends what has been typed so far.
    if (argv[0] !== '--get-yargs-completions') refuseRepeated(argv, shell.optionName);
    const cli = yargs([...argv])
      .scriptName('operator')
      .locale('en');
    await commands
      .reduce((known, group) => group(known, shell), cli)
      .completion('completion', 'print what makes a shell complete these commands')
      .middleware((given) => {
        json = given['json'] === true;
      })
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
