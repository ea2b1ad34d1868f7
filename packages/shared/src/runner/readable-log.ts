/** The log as lines for a person. */
import { prettyFactory } from 'pino-pretty';
import type { LineFormat } from './log.ts';

/** Without pino-pretty's stream: every line must be out before the process ends. */
export const readableLines = (job: string): LineFormat =>
  prettyFactory({
    colorize: false,
    singleLine: true,
    ignore: 'pid,hostname,job,ds',
    translateTime: 'SYS:HH:MM:ss',
    messageFormat: ({ ds, msg }) => [job, ds, msg].filter(Boolean).join(' '),
  });
