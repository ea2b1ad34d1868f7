/** Which settings of a run come from the shell alone, so that the next catchup would undo what they made. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { variables as ofCleaning } from '@user-behaviour/emr-clean/config';
import { variables as ofExtraction } from '@user-behaviour/extract-purchases/config';
import type { Environment } from '@user-behaviour/shared/runner/config';

/** The variable behind each parameter that shapes the data. The Spark script is that of the release. */
export const shapingVariables = {
  minQuantity: 'MIN_QUANTITY',
  format: 'OUTPUT_FORMAT',
  badPurchases: 'BAD_PURCHASES',
  maxRejectedPurchases: 'MAX_REJECTED_PURCHASES',
  maxRejectedReviews: 'MAX_REJECTED_REVIEWS',
} as const;

const declared = { ...ofExtraction, ...ofCleaning };

/**
 * A line for each variable of the shell that differs from the environment file, or from its default. The
 * file is that of infra/env-file.mjs; `root` is where .env.local is.
 */
export function tellShellSettings(environment: Environment, root = '.'): readonly string[] {
  const { ENV_FILE: named, INVOKED_FROM: folder = '.' } = environment;
  const path = named === undefined ? join(root, '.env.local') : resolve(folder, named);
  const kept = named !== '' && existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
  const where = named === '' ? 'the environment of all later commands' : (named ?? '.env.local');
  return Object.values(shapingVariables).flatMap((name) => {
    // As readConfiguration does: an empty variable counts as missing.
    const valueIn = ({ [name]: text }: Environment) =>
      declared[name].schema.safeParse(text === '' ? undefined : text).data;
    const [now, later] = [valueIn(environment), valueIn(kept)];
    if (now === later || now === undefined) return [];
    return `${name}=${String(now)} is set in the shell only: the next catchup without it makes these days again with ${String(later)}. To keep it, set it in ${where}`;
  });
}
