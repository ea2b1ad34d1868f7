/** Logs to stderr, as JSON lines or in a readable format. */
import pino, { type Logger } from 'pino';
import { Failure } from '../failure.ts';

export type Log = Logger;
export type LogFormat = 'pretty' | 'json';
/** Turns a line of JSON into readable text. */
export type LineFormat = (line: string) => string;

const levels = [...Object.values(pino.levels.labels), 'silent'];

export interface LogTarget {
  write: (line: string) => unknown;
}

/** `level` is LOG_LEVEL. Put facts into fields, e.g. `log.info({ rows }, 'rows staged')`. */
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
