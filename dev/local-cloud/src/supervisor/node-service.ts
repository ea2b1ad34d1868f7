/** EMR and Redshift: our own servers, each in a Node process of its own. */
import { join } from 'node:path';
import type { EmrOptions } from '@user-behaviour/local-emr/server';
import { answersOk, type Part } from './service.ts';
import type { RedshiftOptions } from '@user-behaviour/local-redshift/server';

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
        args: [join(import.meta.dirname, 'node-service-process.ts'), message.part],
        message,
      }),
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health`),
  };
}
