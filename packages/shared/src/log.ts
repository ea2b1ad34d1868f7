/** Logging: JSON lines on stderr, or readable lines where a person looks on. */
import pino, { type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { Failure } from './failure.ts';

export type Log = Logger;
export type LogFormat = 'pretty' | 'json';

const levels = [...Object.values(pino.levels.labels), 'silent'];

export interface LogTarget {
  write: (line: string) => unknown;
}

/** Level by LOG_LEVEL, default info. Facts go into fields, e.g. `log.info({ rows }, 'rows staged')`. */
export function createLog(job: string, format: LogFormat, target: LogTarget, level: string): Log {
  if (!levels.includes(level)) {
    throw new Failure('configuration', `LOG_LEVEL is wrong: expected one of ${levels.join(', ')}`);
  }
  const write = format === 'json' ? (line: string) => line : readable(job);
  return pino(
    { base: { job }, level, timestamp: pino.stdTimeFunctions.isoTime, redact: ['password'] },
    { write: (line: string) => void target.write(write(line)) },
  );
}

/** Without pino-pretty's stream: every line must be out before the process ends. */
const readable = (job: string) =>
  prettyFactory({
    colorize: false,
    singleLine: true,
    ignore: 'pid,hostname,job,ds',
    translateTime: 'SYS:HH:MM:ss',
    messageFormat: ({ ds, msg }) => [job, ds, msg].filter(Boolean).join(' '),
  });
