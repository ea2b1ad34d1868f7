/** Formats the log as readable lines. */
import { prettyFactory } from 'pino-pretty';
import type { LineFormat } from './log.ts';

/** Avoids pino-pretty's stream, which could lose lines when the process ends. */
export const readableLines = (job: string): LineFormat =>
  prettyFactory({
    colorize: false,
    singleLine: true,
    ignore: 'pid,hostname,job,ds',
    translateTime: "UTC:HH:MM:ss 'UTC'",
    messageFormat: ({ ds, msg }) => [job, ds, msg].filter(Boolean).join(' '),
  });
