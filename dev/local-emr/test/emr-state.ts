/** The state behind the operations, for tests that call them without an endpoint. */
import type { EmrState } from '../src/api/operations.ts';
import { PersistentUis } from '../src/clusters/persistent-uis.ts';

type Given = Pick<EmrState, 'clusters' | 'securityConfigurations'> & Partial<EmrState>;

/** The history server never starts, unless another one is given. */
export const emrState = (given: Given): EmrState => ({
  persistentUis: new PersistentUis(),
  historyServer: { state: { status: 'STOPPED' }, start: () => undefined },
  ...given,
});
