/** `operator ui`: the grids of the commands and the page about the data, for the person at this machine. */
import { once } from 'node:events';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { wholeNumber } from '../command-line/whole-number.ts';
import { parseDue } from '../health/health-command.ts';
import { viewOptions } from '../page/page-command.ts';
import type { Question } from '../page/read-facts.ts';
import type { Shell } from '../shell.ts';

const runtimeFolder = join(import.meta.dirname, '../../../../.local/operator');

export function uiCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'ui',
    'show in a browser what a backfill is doing, and the page',
    (options) =>
      options
        .option('port', { type: 'string', default: '0', describe: '0 takes any free port' })
        .options(viewOptions),
    async ({ port, due, customers }) => {
      const number = wholeNumber(port, shell.optionName('port'), { least: 0, most: 65_535 });
      await ui(number, { due: parseDue(due, shell.optionName('due')), customers }, shell);
    },
  );
}

/** Until a signal ends it. */
async function ui(port: number, view: Omit<Question, 'asOf'>, shell: Shell): Promise<void> {
  const { serve } = await import('./server.ts');
  const { siteOf } = await import('./site.ts');
  const { openBrowser, openerOf } = await import('./open-browser.ts');
  const { journalFolder } = await import('../journal/read-journals.ts');
  const { drawPageOf } = await import('../page/page-command.ts');
  const signal = shell.stopSignal();
  const drawPage = () => drawPageOf({ asOf: new Date(), ...view }, shell);
  await using running = await serve(siteOf({ folder: journalFolder, drawPage }), port);
  shell.print(running.url);
  shell.report('only for you, on this machine; Ctrl-C ends it');
  const opener = openerOf(shell.env, process.platform);
  using _file = opener === undefined ? undefined : openBrowser(running.url, opener, runtimeFolder);
  if (!signal.aborted) await once(signal, 'abort');
}
