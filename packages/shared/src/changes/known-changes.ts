/** What readers that can do without the captured changes make of the pointer. */
import type { Ds } from '../ds.ts';
import { asFailure } from '../failure.ts';
import type { ChangesHead } from './changes-head.ts';
import type { ChangesHeadStore } from './changes-head-store.ts';

/**
 * Undefined without capture, and with a warning if the pointer may not or cannot be read.
 * @throws a failure that a retry may change.
 */
export async function headIfReadable(
  store: Pick<ChangesHeadStore, 'read'>,
  warn: (why: string) => void,
): Promise<ChangesHead | undefined> {
  try {
    return (await store.read())?.head;
  } catch (error) {
    const { kind, message } = asFailure(error);
    if (kind !== 'configuration' && kind !== 'data') throw error;
    warn(message);
    return undefined;
  }
}

/** The days touched since the last reset of capture, up to the last of `earlier`, in ascending order. */
export function touchedUpTo(head: ChangesHead | undefined, earlier: readonly Ds[]): readonly Ds[] {
  const last = earlier.toSorted().at(-1) ?? '';
  return (Object.keys(head?.days ?? {}) as Ds[]).filter((ds) => ds <= last).sort();
}
