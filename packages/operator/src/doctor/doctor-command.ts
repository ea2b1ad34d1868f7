/** The doctor: the health checks of all jobs and of this machine in one table. */
import type { Argv } from 'yargs';
import { jsonOption } from '../output.ts';
import { checkCommand, doctorOutput, doctorExit, runJobChecks } from './doctor.ts';
import { parseRunner } from '../run/job-command.ts';
import { requireLocalCloud } from '../world/world.ts';
import { checkNode, checkPython } from './machine-checks.ts';
import type { Shell } from '../shell.ts';

export function doctorCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'doctor',
    'check every dependency and permission, and say what to fix',
    (options) => options.options(jsonOption),
    async () => {
      await requireLocalCloud(shell.env, 'every');
      const start = checkCommand(parseRunner(shell.env['RUNNER']));
      const [python, ofJobs] = await Promise.all([
        checkPython(),
        runJobChecks(start, shell.stopSignal()),
      ]);
      const findings = [checkNode(process.versions.node), python, ...ofJobs];
      shell.print(doctorOutput(findings));
      shell.end(doctorExit(findings));
    },
  );
}
