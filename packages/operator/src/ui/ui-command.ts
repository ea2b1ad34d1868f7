/** `operator ui`: the page about the data and the grids of the commands, for the person at this machine. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Failure } from '@user-behaviour/shared/failure';
import type { Argv } from 'yargs';
import { wholeNumber } from '../command-line/whole-number.ts';
import type { Shell } from '../shell.ts';

const runtimeFolder = join(import.meta.dirname, '../../../../.local/operator');

export function uiCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'ui',
    'show on this machine what a backfill is doing, and the page about the data',
    (options) =>
      options.option('port', { type: 'string', default: '0', describe: '0 takes any free port' }),
    async ({ port }) => {
      const number = wholeNumber(port, shell.optionName('port'), { least: 0, most: 65_535 });
      await ui(number, shell);
    },
  );
}

/** Until a signal ends it. */
async function ui(port: number, shell: Shell): Promise<void> {
  const { serve } = await import('./server.ts');
  const { siteOf } = await import('./site.ts');
  const { openBrowser, openerOf } = await import('./open-browser.ts');
  const { journalFolder } = await import('../journal/read-journals.ts');
  const signal = shell.stopSignal();
  const site = siteOf({
    folder: journalFolder,
    drawPage: () => Promise.reject(new Failure('configuration', 'the page is not merged yet')),
  });
  await using running = await serve(site, port);
  shell.print(running.url);
  shell.report('only for you, on this machine; Ctrl-C ends it');
  const opener = openerOf(shell.env, process.platform);
  using _file = opener === undefined ? undefined : openBrowser(running.url, opener, runtimeFolder);
  if (!signal.aborted) await once(signal, 'abort');
}
