/** Formats the log as readable lines. */
import { prettyFactory } from 'pino-pretty';
import type { LineFormat } from './log.ts';

/** `time` is a format of pino-pretty. Avoids pino-pretty's stream, which could lose lines when the process ends. */
export const readableLines = (job: string, time = "UTC:HH:MM:ss 'UTC'"): LineFormat =>
  prettyFactory({
    colorize: false,
    singleLine: true,
    ignore: 'pid,hostname,job,ds',
    translateTime: time,
    messageFormat: ({ ds, msg }) => [job, ds, msg].filter(Boolean).join(' '),
  });
