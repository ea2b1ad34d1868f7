/** Logging: JSON lines on stderr, or readable lines where a person looks on. */
import pino, { type Logger } from 'pino';
import { Failure } from '../failure.ts';

export type Log = Logger;
export type LogFormat = 'pretty' | 'json';
/** Makes of a line of JSON what a person reads. */
export type LineFormat = (line: string) => string;

const levels = [...Object.values(pino.levels.labels), 'silent'];

export interface LogTarget {
  write: (line: string) => unknown;
}

/** Level by LOG_LEVEL, default info. Facts go into fields, e.g. `log.info({ rows }, 'rows staged')`. */
export function createLog(
  job: string,
  format: 'json' | LineFormat,
  target: LogTarget,
  level: string,
): Log {
  if (!levels.includes(level)) {
    throw new Failure('configuration', `LOG_LEVEL is wrong: expected one of ${levels.join(', ')}`);
  }
  const write = format === 'json' ? (line: string) => line : format;
  return pino(
    { base: { job }, level, timestamp: pino.stdTimeFunctions.isoTime, redact: ['password'] },
    { write: (line: string) => void target.write(write(line)) },
  );
}
