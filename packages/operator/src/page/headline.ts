/** Whether the last day is in, how late it is or was, and its figures. */
import { endOfDay } from '@user-behaviour/shared/ds';
import { dueTime, type Due } from '../health/day-findings.ts';
import { type Html, markup } from './markup.ts';
import type { PageDay, PageFacts } from './page-facts.ts';
import {
  count,
  isIn,
  lengthOf,
  lookOf,
  money,
  plural,
  sentenceOf,
  share,
  stateWord,
  time,
} from './words.ts';
import { meanOf, type Measure } from './charts/series.ts';

export const customersOf: Measure = { of: ({ metric }) => metric?.customers };
export const spendOf: Measure = { of: ({ metric }) => metric?.amount };
export const positiveOf: Measure = {
  of: ({ metric }) => metric?.positive,
  by: ({ metric }) => metric?.reviews,
};

export function headline({ days, asOf, due, findings }: PageFacts): Html {
  const last = days.at(-1);
  if (last === undefined) {
    return markup`<section class="card hero none"><p class="verdict">Nothing has been run yet</p>
<p>make run DS=… loads a day.</p></section>`;
  }
  const loaded = days.filter(({ loadedAt }) => loadedAt !== undefined);
  const shown = loaded.at(-1);
  const errors = findings.filter(({ level }) => level === 'error').length;
  const before = loaded.slice(-29, -1);
  const tile = (title: string, figure: string, note: Html | string) =>
    markup`<div class="tile"><dt>${title}</dt><dd>${figure}</dd><dd class="note">${note}</dd></div>
`;
  const when = shown === last ? '' : `on ${shown?.ds ?? ''}; `;
  const figure = (title: string, measure: Measure, format: (value: number | undefined) => string) =>
    tile(
      title,
      format(shown && meanOf([shown], measure)),
      before.length === 0
        ? when
        : `${when}${count(before.length)}-day mean ${format(meanOf(before, measure))}`,
    );
  const { tone } = lookOf(last.state);
  const isDue = asOf >= dueTime(last.ds, due);
  return markup`<section class="card hero ${isIn(last.state) || isDue ? tone : 'none'}">
<p class="verdict">${last.ds} ${isIn(last.state) ? 'is in' : 'is not in'} ${stateWord(last.state)}</p>
<p>${sentenceOf(lateness(last, asOf, due))}</p>
<dl class="tiles">
${
  shown !== undefined && [
    figure('Customers', customersOf, count),
    figure('Spend', spendOf, money),
    figure('Positive reviews', positiveOf, share),
  ]
}${tile('Days loaded', count(loaded.length), sentenceOf(`of ${count(days.length)} since ${days[0]?.ds ?? ''}`))}${tile('Findings', count(findings.length), `${plural(errors, 'error')}, ${plural(findings.length - errors, 'warning')}`)}</dl>
</section>
`;
}

function lateness({ ds, loadedAt, state }: PageDay, asOf: Date, due: Due): string {
  const end = endOfDay(ds).getTime();
  const limit = dueTime(ds, due).getTime();
  const told = time(new Date(limit).toISOString());
  if (isIn(state) && loadedAt !== undefined) {
    const at = Date.parse(loadedAt);
    const late = at > limit ? `, ${lengthOf(at - limit)} after it was due at ${told}` : '';
    return `Loaded at ${time(loadedAt)} UTC, ${lengthOf(at - end)} after the end of the day${late}.`;
  }
  return asOf.getTime() > limit
    ? `It was due at ${told} UTC: ${lengthOf(asOf.getTime() - limit)} late.`
    : `It is due at ${told} UTC, in ${lengthOf(limit - asOf.getTime())}.`;
}
