/** Whether a run is too small for the documents. */
import { parseSettings, type Section, type Settings, settingsOf } from '../settings.ts';

const least = parseSettings({});

/**
 * Says why the figures of a section stay out of the documents: a setting that it depends on is below its default, or
 * the data are generated. Empty for a whole run.
 */
export function trialReasons(
  section: Section,
  settings: Settings,
  purchases: string,
): readonly string[] {
  const small = settingsOf[section].filter((name) => {
    const [value, usual] = [settings[name], least[name]];
    return typeof value === 'number' && typeof usual === 'number' && value < usual;
  });
  return [
    ...small.map((name) => `${name} is below ${String(least[name])}`),
    // The section ratios makes its own rows.
    ...(section === 'ratios' || purchases !== '' ? [] : ['PURCHASES is missing']),
  ];
}
