/** Asks before a command does more than people usually mean. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { tellRange } from '../plan/day-ranges.ts';
import type { Shell } from '../shell.ts';

/** Days that a command does without a question: two months. */
const usual = 60;

/**
 * Throws a usage failure if there are more days than `usually`, and nobody says yes: on a terminal to a
 * question, elsewhere by `--yes`. `days` are in ascending order.
 */
export async function requireConsent(
  command: string,
  days: readonly Ds[],
  yes: boolean,
  { ask, optionName }: Pick<Shell, 'ask' | 'optionName'>,
  usually = usual,
): Promise<void> {
  if (days.length <= usually || yes) return;
  const count = days.length === 1 ? '1 day' : `${String(days.length)} days`;
  const work = `${command} is about to do ${count}, ${tellRange(days[0] ?? '', days.at(-1) ?? '')}`;
  const consent = optionName('yes') === '--yes' ? '--yes' : 'YES=1';
  if (ask === undefined) {
    throw new Failure('usage', `${work}: nothing was started`, {
      action: `add ${consent} if that is what you want, or name fewer days`,
    });
  }
  if (await ask(`${work}. Go on? [y/N] `)) return;
  throw new Failure('usage', 'nothing was started, because the answer was not y', { action: '' });
}
