/** One day of one stage: what became of it, and the end of the job's log. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { JobName } from '@user-behaviour/shared/pipeline';
import type { ListedCommand } from '../journal/read-journals.ts';
import { document } from '../page/document.ts';
import { type Html, markup } from '../page/markup.ts';
import { count } from '../page/words.ts';
import type { Cell } from './grid.ts';
import { pauseLink, refreshSeconds, topBar } from './grid-view.ts';
import { durationOf, looks } from './states.ts';

export interface CellPage {
  readonly command: ListedCommand;
  readonly job: JobName;
  readonly ds: Ds;
  readonly cell: Cell;
  readonly log: { readonly lines: readonly string[]; readonly path: string };
  readonly isPaused: boolean;
  readonly root: string;
  readonly now: Date;
}

export function cellPage(page: CellPage): string {
  const { command, job, ds, cell, log, isPaused, root, now } = page;
  const { glyph, tone } = looks[cell.state];
  const isLive = command.state === 'running';
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['attempt', cell.attempt === 0 ? undefined : cell.attempt],
    ['began', moment(cell.startedAt)],
    ['ended', moment(cell.endedAt)],
    ['took', durationOf(cell, now)],
    ['rows', cell.rows === undefined ? undefined : count(cell.rows)],
    ['exit code', cell.exit],
    ['message', cell.message],
    ['what to do', cell.action],
  ];
  const list = facts.flatMap(([name, value]): Html[] =>
    value === undefined ? [] : [markup`<dt>${name}</dt><dd>${value}</dd>`],
  );
  const body = markup`<div class="wrap">
${topBar(root)}
<main>
<p><a href="${root}runs/${command.id}/">${command.begin.command}</a></p>
${isLive && markup`<p>${pauseLink(isPaused)}</p>`}
<section class="card"><h2>${ds} ${job}</h2>
<p><span class="state ${tone}">${glyph} ${cell.state}</span></p>
<dl class="facts">${list}</dl></section>
<section class="card"><h2>Log</h2>
<p>The last lines of <code>${log.path}</code>, without those of other days</p>
<pre class="log" tabindex="0" role="group" aria-label="Log">${log.lines.length === 0 ? 'no line yet' : log.lines.join('\n')}</pre></section>
</main>
</div>`;
  return document({
    title: `${ds} ${job}: ${cell.state}`,
    body,
    ...(isLive && !isPaused && { refreshSeconds }),
  });
}

/** e.g. `2010-12-02 00:15:03 UTC`. */
const moment = (iso: string | undefined): string | undefined =>
  iso === undefined ? undefined : `${iso.slice(0, 19).replace('T', ' ')} UTC`;
