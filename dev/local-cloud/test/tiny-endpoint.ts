/** A program like those of the emulators, for an endpoint with one trivial operation. */
import { startJsonEndpoint } from '../src/endpoint/json-endpoint.ts';
import { runEndpoint } from '../src/endpoint/endpoint-program.ts';
import { NotInstalled } from '../src/installation.ts';

await runEndpoint('tiny', ({ s3, ...options }) => {
  if (process.env['TINY_LACKS'] !== undefined) throw new NotInstalled(process.env['TINY_LACKS']);
  const operations = { Ping: () => ({ answer: 'pong' }) };
  return startJsonEndpoint({
    targetPrefix: 'Tiny',
    operations,
    signer: { keys: s3, signingName: 'tiny' },
    ...options,
  });
});
