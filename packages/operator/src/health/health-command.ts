/** Whether the last days are in: a line of JSON for each finding, and exit code 65 if one is an error. */
import { resolve } from 'node:path';
import { asFailure, Failure, failureKinds } from '@user-behaviour/shared/failure';
import type { Argv } from 'yargs';
import { wholeNumber } from '../command-line/whole-number.ts';
import type { Shell } from '../shell.ts';
import { addressesOf } from './addresses.ts';
import type { Due } from './day-findings.ts';
import { checkHealth, type Health } from './health.ts';
import { linesOf, openOutputs } from './outputs.ts';

export function healthCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'health',
    'whether the last days are in, complete and as usual; exit code 65 if not',
    (options) =>
      options
        .option('due', {
          type: 'string',
          demandOption: true,
          describe: 'when a day must be loaded on the next, in UTC, e.g. 06:00',
        })
        .option('days', { type: 'string', default: '14', describe: 'how many days to look at' })
        .option('ping', {
          type: 'string',
          describe: 'URL that receives the start and the end [default: PING_URL]',
        })
        .option('webhook', {
          type: 'string',
          describe: 'URL that gets the findings, if there are any [default: WEBHOOK_URL]',
        })
        .option('prometheus', {
          type: 'string',
          describe: 'file for the textfile collector [default: PROMETHEUS_FILE]',
        }),
    async (given) => {
      const { env, print, report, end, optionName } = shell;
      const due = parseDue(given.due, optionName('due'));
      const days = wholeNumber(given.days, optionName('days'), { least: 1, most: 10_000 });
      const addresses = addressesOf({
        PING_URL: given.ping ?? env['PING_URL'],
        WEBHOOK_URL: given.webhook ?? env['WEBHOOK_URL'],
        PROMETHEUS_FILE: fileOf(given.prometheus ?? env['PROMETHEUS_FILE'], env['INVOKED_FROM']),
      });
      const outputs = openOutputs(addresses, report);
      let health: Health;
      try {
        health = await checkHealth(shell, { now: new Date(), due, days });
      } catch (error) {
        await outputs.tellFailure(asFailure(error));
        throw error;
      }
      if (health.findings.length > 0) print(linesOf(health.findings));
      report(summary(health));
      const isWrong = health.findings.some(({ level }) => level === 'error');
      const exit = isWrong ? failureKinds.data.exit : 0;
      end(exit);
      await outputs.tell(health, exit);
    },
  );
}

/** make runs in the root: a path is relative to where it was called. */
const fileOf = (path: string | undefined, folder = '.'): string | undefined =>
  path === undefined || path === '' ? undefined : resolve(folder, path);

/** @throws a usage failure for anything but a time of day. */
export function parseDue(text: string, option: string): Due {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours !== undefined && minutes !== undefined)
    return (Number(hours) * 60 + Number(minutes)) * 60_000;
  throw new Failure(
    'usage',
    `${option} must be a time of day in UTC such as 06:00, not ${JSON.stringify(text)}`,
  );
}

function summary({ days, findings }: Health): string {
  const errors = findings.filter(({ level }) => level === 'error').length;
  const range = `${days[0]?.ds ?? ''} to ${days.at(-1)?.ds ?? ''}`;
  return `health: ${range}: ${String(errors)} errors, ${String(findings.length - errors)} warnings`;
}
