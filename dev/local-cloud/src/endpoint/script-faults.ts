/** Adds to the fault script of an endpoint that was started with `--take-faults`. */
import { region } from '../environment.ts';
import { sign, type Signer } from './signature.ts';

/** @throws if the endpoint refuses the faults. */
export async function scriptFaults(
  endpoint: string,
  signer: Signer,
  ...faults: readonly object[]
): Promise<void> {
  const url = new URL('/_faults', endpoint);
  const body = JSON.stringify(faults);
  const request = { method: 'POST', target: url.pathname, headers: { host: url.host }, body };
  const { headers } = await sign(request, signer, region);
  const reply = await fetch(url, { method: request.method, headers, body });
  if (!reply.ok) throw new Error(`could not script the faults: ${await reply.text()}`);
}
