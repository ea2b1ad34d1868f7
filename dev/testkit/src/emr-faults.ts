/** Faults of the local cloud's EMR. */
import { scriptFaults } from '@user-behaviour/local-cloud/endpoint/script-faults';
import { keyPairOf } from '@user-behaviour/local-cloud/key-pair';

/** Adds to the endpoint's script of faults. */
export const scriptEmrFaults = (
  env: Readonly<Record<string, string | undefined>>,
  ...faults: readonly object[]
): Promise<void> =>
  scriptFaults(
    env['AWS_ENDPOINT_URL_EMR'] ?? '',
    { keys: keyPairOf(env), signingName: 'elasticmapreduce' },
    ...faults,
  );
