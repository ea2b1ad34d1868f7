/** Numbers for people. */

/** Seconds with three significant digits. */
export const seconds = (value: number): string =>
  value < 10 ? value.toFixed(value < 1 ? 3 : 2) : value.toFixed(1);

/** Bytes as decimal megabytes or gigabytes. */
export const bytes = (value: number): string =>
  value < 1e9 ? `${(value / 1e6).toFixed(0)} MB` : `${(value / 1e9).toFixed(1)} GB`;

export const times = (value: number | undefined): string =>
  value === undefined ? '–' : value.toFixed(value < 10 ? 2 : 1);

/** With commas as thousands separators. */
export const count = (value: number): string => value.toLocaleString('en-US');
