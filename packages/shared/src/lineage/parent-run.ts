/** Reads which run started this one. */
import type { Environment } from '../runner/config.ts';
import { isSet } from '../environment/is-set.ts';

export interface ParentRun {
  readonly namespace: string;
  readonly name: string;
  readonly runId: string;
}

export interface Parents {
  readonly parent: ParentRun;
  readonly root?: ParentRun;
}

/** A namespace may contain slashes; a name and a run id do not. */
const form =
  /^(?<namespace>.+)\/(?<name>[^/]+)\/(?<runId>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/** `complain` is told of a variable that is not namespace/job/run id; it is then as if it were missing. */
export function parentsOf(
  environment: Environment,
  complain: (message: string) => void,
): Parents | undefined {
  const read = (name: string): ParentRun | undefined => {
    if (!isSet(environment, name)) return undefined;
    const { groups } = form.exec(environment[name] ?? '') ?? {};
    if (groups === undefined)
      complain(`${name} is ignored: expected namespace/job/run id, with a UUID`);
    return groups as ParentRun | undefined;
  };
  const parent = read('OPENLINEAGE_PARENT_ID');
  const root = read('OPENLINEAGE_ROOT_PARENT_ID');
  return parent && { parent: { ...parent }, ...(root && { root: { ...root } }) };
}
