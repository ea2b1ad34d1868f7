/** EMR and Redshift: our own servers, each in a Node process of its own. */
import { join } from 'node:path';
import type { EmrOptions } from './emr/server.ts';
import { answersOk, type Part } from './part.ts';
import type { RedshiftOptions } from './redshift/server.ts';

/** What is sent to the process over IPC; it writes its log lines to its standard error. */
export type NodePartMessage =
  | { readonly part: 'emr'; readonly options: Omit<EmrOptions, 'log'> }
  | { readonly part: 'redshift'; readonly options: Omit<RedshiftOptions, 'log'> };

export function nodePart(message: NodePartMessage): Part {
  const { port } = message.options;
  return {
    name: message.part,
    port,
    stopSignal: 'SIGTERM',
    prepare: () =>
      Promise.resolve({
        file: process.execPath,
        args: [join(import.meta.dirname, 'node-part-process.ts'), message.part],
        message,
      }),
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health`),
  };
}
