/** The commands that run or ran, and the grid of one of them: days by stages. */
import type { Ds } from '@user-behaviour/shared/ds';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import type { ListedCommand } from '../journal/read-journals.ts';
import { document } from '../page/document.ts';
import { type Html, markup, table } from '../page/markup.ts';
import { seconds } from '../page/words.ts';
import type { Grid } from './grid.ts';
import {
  durationOf,
  looks,
  secondsBetween,
  startOf,
  stateWords,
  tellCommand,
  toneOfCommand,
} from './states.ts';

/** Between two drawings of a command that runs. */
export const refreshSeconds = 3;
/** Days of a grid; the ones before are on further pages. */
const longest = 400;
/** Failures that are listed below the grid. */
const told = 20;

export interface GridPage {
  readonly commands: readonly ListedCommand[];
  /** The one that is shown; undefined if no command has run. */
  readonly shown: (ListedCommand & { readonly grid: Grid }) | undefined;
  /** Only days before this one. */
  readonly before?: Ds | undefined;
  /** Whether the reader has asked that nothing is drawn again. */
  readonly isPaused: boolean;
  /** Path of the site, with a slash at the end. */
  readonly root: string;
  readonly now: Date;
}

export function gridPage(page: GridPage): string {
  const { shown, root, commands, isPaused } = page;
  const isLive = shown?.state === 'running';
  const body = markup`<div class="wrap">
${topBar(root)}
<main>
${isLive && markup`<p>${pauseLink(isPaused)}</p>`}
${shown === undefined ? nothingYet : markup`${commandCard(shown, page)}${failures(shown, root)}`}
${commandList(commands, page)}
</main>
</div>`;
  return document({
    title: shown === undefined ? 'Runs' : `${shown.begin.command}: ${tellCommand(shown, page.now)}`,
    body,
    ...(isLive && !isPaused && { refreshSeconds }),
  });
}

export const topBar = (root: string): Html =>
  markup`<header class="bar"><h1>User behaviour: runs</h1><nav><a href="${root}">Runs</a> · <a href="${root}page">Data</a></nav></header>`;

/** A page that changes by itself can be stopped. */
export const pauseLink = (isPaused: boolean): Html =>
  isPaused
    ? markup`<a href="?">Go on drawing this page again every ${refreshSeconds} s</a>`
    : markup`<a href="?paused">Stop drawing this page again every ${refreshSeconds} s</a>`;

const nothingYet = markup`<section class="card"><h2>Nothing has run yet</h2><p>Start a command, such as <code>make backfill FROM=2010-12-01 TO=2010-12-10</code>, and load this page again.</p></section>`;

const cellPath = (root: string, id: string, ds: string, job: string): string =>
  `${root}runs/${id}/${ds}/${job}`;

function commandCard(
  shown: ListedCommand & { readonly grid: Grid },
  { root, now, before }: GridPage,
): Html {
  const { id, grid, begin } = shown;
  const newestFirst = [...grid.days].reverse().filter((ds) => before === undefined || ds < before);
  const days = newestFirst.slice(0, longest);
  const isMore = newestFirst.length > days.length;
  const legend = Object.entries(looks).map(
    ([state, { glyph, tone }]) =>
      markup`<li><span class="state ${tone}">${glyph} ${state}</span></li>`,
  );
  return markup`<section class="card"><h2>${begin.command}</h2>
<p><span class="state ${toneOfCommand(shown.state, shown.end?.exit)}">${tellCommand(shown, now)}</span> on ${begin.world}, since ${startOf(shown)}</p>
<p>${hasFailed(grid) && markup`<a href="#failed">What failed</a> · `}<a href="#commands">Other commands</a></p>
<ul class="legend" aria-label="States">${legend}</ul>
<div class="scroll" tabindex="0" role="group" aria-label="Days by stages">
<table class="grid"><caption class="sr">Days by stages, the newest day first</caption>
<thead><tr><th scope="col">day</th>${jobs.map((job) => stageHead(job, grid, now))}</tr></thead>
<tbody>${days.map(
    (ds) =>
      markup`<tr><th scope="row">${ds}</th>${jobs.map((job) => gridCell(job, ds, grid, cellPath(root, id, ds, job), now))}</tr>\n`,
  )}</tbody></table></div>
${isMore && markup`<p><a href="${root}runs/${id}/?before=${days.at(-1)}">Days before ${days.at(-1)}</a></p>`}</section>`;
}

/** How much of the stage is done, and how long it has taken. */
function stageHead(job: JobName, grid: Grid, now: Date): Html {
  const states = grid.days.map((ds) => grid.cell(job, ds).state);
  const number = (of: readonly string[]) => states.filter((state) => of.includes(state)).length;
  const failed = number(['failed', 'interrupted']);
  const times = grid.stages.get(job);
  const facts = [
    `${String(number(['done', 'unchanged']))} of ${String(states.length)} done`,
    ...(failed > 0 ? [`${String(failed)} failed`] : []),
    ...(times === undefined
      ? []
      : [seconds(secondsBetween(times.startedAt, times.endedAt ?? now.toISOString()))]),
  ];
  return markup`<th scope="col">${job}<br><span class="soft">${facts.map((fact, index) => markup`${index > 0 && markup`<br>`}${fact}`)}</span></th>`;
}

function gridCell(job: JobName, ds: Ds, grid: Grid, path: string, now: Date): Html {
  const cell = grid.cell(job, ds);
  const attempt = cell.attempt > 1 ? ` (attempt ${String(cell.attempt)})` : '';
  return markup`<td><a class="${looks[cell.state].tone}" href="${path}">${stateWords(cell.state)}${attempt} ${durationOf(cell, now)}</a></td>`;
}

const hasFailed = (grid: Grid): boolean =>
  grid.days.some((ds) => jobs.some((job) => grid.cell(job, ds).state === 'failed'));

/** With what to do about them. */
function failures({ grid, id }: ListedCommand & { readonly grid: Grid }, root: string): Html {
  const failed = [...grid.days].reverse().flatMap((ds) =>
    jobs.flatMap((job) => {
      const cell = grid.cell(job, ds);
      return cell.state === 'failed' ? [{ ds, job, ...cell }] : [];
    }),
  );
  if (failed.length === 0) return markup``;
  const items = failed
    .slice(0, told)
    .map(
      ({ ds, job, message, action }) =>
        markup`<li><a href="${cellPath(root, id, ds, job)}">${ds} ${job}</a><span>${message}${action !== undefined && markup`<br><span class="soft">${action}</span>`}</span></li>`,
    );
  const more = failed.length - told;
  return markup`<section class="card" id="failed"><h2>What failed</h2><ul class="findings">${items}</ul>${more > 0 && markup`<p>and ${more} more</p>`}</section>`;
}

function commandList(commands: readonly ListedCommand[], { root, now }: GridPage): Html {
  if (commands.length === 0) return markup``;
  const rows = commands.map((command) => [
    markup`<a href="${root}runs/${command.id}/">${startOf(command)}</a>`,
    command.begin.command,
    command.begin.world,
    markup`<span class="state ${toneOfCommand(command.state, command.end?.exit)}">${tellCommand(command, now)}</span>`,
  ]);
  const columns = ['start', 'command', 'where', 'state'].map((title) => ({ title }));
  return markup`<section class="card" id="commands"><h2>Commands</h2>${table('Commands that run jobs, the newest first', columns, rows)}</section>`;
}
