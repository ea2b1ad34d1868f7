/** Figures, times and states as the page writes them. */
import type { Ds } from '@user-behaviour/shared/ds';
import { type Html, markup } from './markup.ts';

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat('en-GB', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const compact = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 1 });
const unknown = 'not known';

type Format = (value: number | undefined) => string;
const known =
  (format: Intl.NumberFormat): Format =>
  (value) =>
    value === undefined || !Number.isFinite(value) ? unknown : format.format(value);

export const count = known(whole);
export const money = known(cents);
/** For axes, e.g. 1.5K. */
export const short = known(compact);
export const share = known(percent);

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export const bytes = (value: number): string => {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let rest = value;
  for (; rest >= 1_000 && unit < units.length - 1; unit += 1) rest /= 1_000;
  return `${rest >= 100 || unit === 0 ? rest.toFixed(0) : rest.toFixed(1)} ${units[unit] ?? ''}`;
};

/** A length of time in its two largest units. */
export function lengthOf(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1_000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${String(hours)} h ${String(minutes % 60)} min`;
  return plural(Math.floor(hours / 24), 'day');
}

/** Seconds of work, to a tenth below ten. */
export const seconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} s` : lengthOf(value * 1_000);

/** e.g. `2010-12-02 00:15`; the page says once that times are UTC. */
export const time = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

export const shortTime = (iso: string): string => iso.slice(5, 19).replace('T', ' ');

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
export const weekdays = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
];

/** 0 is Monday. */
export const weekdayOf = (ds: Ds): number => (new Date(`${ds}T00:00:00Z`).getUTCDay() + 6) % 7;

/** e.g. `2010-12` as `December 2010`. */
export const monthName = (month: string): string =>
  `${months[Number(month.slice(5)) - 1] ?? ''} ${month.slice(0, 4)}`;

/** The days of a sentence do not break at their hyphens. */
export const sentenceOf = (text: string): Html =>
  markup`${text
    .split(/(\d{4}-\d\d-\d\d)/)
    .map((part, index) => (index % 2 === 1 ? markup`<time>${part}</time>` : markup`${part}`))}`;

export const dayId = (ds: string): string => `d${ds}`;

export const dayLink = (ds: string, first: Ds | undefined): Html =>
  first !== undefined && ds >= first
    ? markup`<a href="#${dayId(ds)}"><time>${ds}</time></a>`
    : markup`<time>${ds}</time>`;

export interface StateLook {
  readonly glyph: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'none';
}

/** Each state has its own glyph, for readers who do not see its colour. */
export const states: Readonly<Record<string, StateLook>> = {
  loaded: { glyph: '✓', tone: 'good' },
  partial: { glyph: '½', tone: 'warn' },
  stale: { glyph: '~', tone: 'warn' },
  'other SQL': { glyph: '≠', tone: 'warn' },
  damaged: { glyph: '×', tone: 'bad' },
  failed: { glyph: '!', tone: 'bad' },
  'not loaded': { glyph: '○', tone: 'bad' },
  incomplete: { glyph: '…', tone: 'bad' },
  missing: { glyph: '–', tone: 'bad' },
};

export const lookOf = (state: string): StateLook => states[state] ?? { glyph: '?', tone: 'none' };

export const stateWord = (state: string): Html => {
  const { glyph, tone } = lookOf(state);
  return markup`<span class="state ${tone}">${glyph} ${state}</span>`;
};

export const isIn = (state: string): boolean => ['good', 'warn'].includes(lookOf(state).tone);
