/** Whether a run is too small for the documents. */
import { parseSettings, type Section, type Settings } from '../settings.ts';

const least = parseSettings({});

const sizes = ['ROUNDS', 'SCALE', 'SHARE', 'LARGEST', 'HISTORY', 'DAYS'] as const;

/**
 * Says why the figures of a section stay out of the documents: a setting is below its default, or the data are
 * generated. Empty for a whole run.
 */
export function trialReasons(
  section: Section,
  settings: Settings,
  purchases: string,
): readonly string[] {
  // It makes its own rows.
  const own = section === 'ratios';
  return [
    ...(own ? (['ROUNDS'] as const) : sizes)
      .filter((name) => settings[name] < least[name])
      .map((name) => `${name} is below ${String(least[name])}`),
    ...(own || purchases !== '' ? [] : ['PURCHASES is missing']),
  ];
}
