/** How many rows an operator wants to see. */
import { Failure } from '@user-behaviour/shared/failure';

/** 1 to 1000. @throws a usage failure for anything else. */
export function parseRowCount(text: string): number {
  if (/^[1-9]\d{0,2}$|^1000$/.test(text)) return Number(text);
  throw new Failure('usage', `ROWS must be a whole number from 1 to 1000, not ${text}`);
}
