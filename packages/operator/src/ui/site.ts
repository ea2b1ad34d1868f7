/** Which page is at which path: the grids of commands, a cell of a grid, and the page about the data. */
import { join, relative } from 'node:path';
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import { asFailure } from '@user-behaviour/shared/failure';
import { jobs } from '@user-behaviour/shared/pipeline';
import { listCommands, readCommand } from '../journal/read-journals.ts';
import { document } from '../page/document.ts';
import { markup } from '../page/markup.ts';
import { jobLogFile } from '../progress/job-log.ts';
import { cellPage } from './cell-view.ts';
import { gridOf } from './grid.ts';
import { gridPage, topBar } from './grid-view.ts';
import { logTail } from './log-tail.ts';
import type { Site, SitePage } from './server.ts';

interface Content {
  /** The folder of the journals. */
  readonly folder: string;
  /** Draws the page about the data. */
  readonly drawPage: () => Promise<string>;
}

/** Milliseconds for which a page about the data is shown again: drawing it asks the bucket and the warehouse. */
const fresh = 60_000;

const workspace = join(import.meta.dirname, '../../../..');

export function siteOf({ folder, drawPage }: Content): Site {
  let drawn: { readonly at: number; readonly page: Promise<string> } | undefined;
  const dataPage = async (root: string): Promise<SitePage> => {
    const now = Date.now();
    if (drawn === undefined || now - drawn.at > fresh) drawn = { at: now, page: drawPage() };
    try {
      return { status: 200, html: await drawn.page };
    } catch (error) {
      drawn = undefined;
      return { status: 503, html: failurePage(error, root) };
    }
  };
  return (path, query, root) => {
    const isPaused = query.has('paused');
    const now = new Date();
    if (path === 'page') return dataPage(root);
    if (path === '') {
      const commands = listCommands(folder);
      const shown = commands.find(({ state }) => state === 'running') ?? commands[0];
      return grid(shown?.id);
    }
    const [top, id = '', ds = '', job = '', ...more] = path.split('/');
    if (top !== 'runs' || more.length > 0) return nothing;
    if (ds === '') return readCommand(id, folder) === undefined ? nothing : grid(id);
    return cell(id, ds, job);

    function grid(id: string | undefined): Promise<SitePage> {
      const found = id === undefined ? undefined : readCommand(id, folder);
      const shown = found && { ...found, grid: gridOf(found.events, found.state) };
      const before = query.get('before') ?? '';
      const html = gridPage({
        commands: listCommands(folder),
        shown,
        before: isDs(before) ? before : undefined,
        isPaused,
        root,
        now,
      });
      return Promise.resolve({ status: 200, html });
    }

    async function cell(id: string, day: string, name: string): Promise<SitePage | undefined> {
      const command = readCommand(id, folder);
      const job = jobs.find((one) => one === name);
      if (command === undefined || job === undefined || !isDs(day)) return undefined;
      const ds: Ds = day;
      const file = jobLogFile(join(folder, id), job);
      const lines = await logTail(file, job, ds);
      const html = cellPage({
        command,
        job,
        ds,
        cell: gridOf(command.events, command.state).cell(job, ds),
        log: { lines, path: relative(workspace, file) },
        isPaused,
        root,
        now,
      });
      return { status: 200, html };
    }
  };
}

const nothing = Promise.resolve(undefined);

function failurePage(error: unknown, root: string): string {
  const { message, action } = asFailure(error);
  const body = markup`<div class="wrap">${topBar(root)}<main><section class="card"><h2>The page about the data cannot be drawn now</h2><p>${message}</p><p>${action}</p></section></main></div>`;
  return document({ title: 'Not now', body });
}
