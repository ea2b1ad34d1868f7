/** The process of one Node part: takes its options over IPC, serves, ends with its supervisor. */
import type { NodePartMessage } from './node-service.ts';

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

async function start(message: NodePartMessage): Promise<{ close: () => Promise<void> }> {
  if (message.part === 'emr') {
    const { startEmr } = await import('@user-behaviour/local-emr/server');
    return startEmr({ ...message.options, log });
  }
  const { startRedshift } = await import('@user-behaviour/local-redshift/server');
  return startRedshift({ ...message.options, log });
}

const asked = Promise.withResolvers<string>();
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
  process.once(signal, () => {
    asked.resolve(signal);
  });
}
process.once('message', (message: NodePartMessage) => {
  void serve(message);
});

async function serve(message: NodePartMessage): Promise<void> {
  try {
    const server = await start(message);
    log(`${message.part} listens on port ${message.options.port}`);
    const reason = await asked.promise;
    log(reason === 'disconnect' ? 'the supervisor is gone: ending' : `${reason}: ending`);
    await server.close();
    process.exit(0);
  } catch (error) {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  }
}
