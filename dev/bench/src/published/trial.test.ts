import { expect, it } from 'vitest';
import { parseSettings } from '../settings.ts';
import { trialReasons } from './trial.ts';

it('a run with smaller settings or generated data is a trial', () => {
  const whole = parseSettings({});
  expect(trialReasons('big', whole, 'retail.csv')).toEqual([]);
  expect(trialReasons('big', parseSettings({ ROUNDS: '11', SCALE: '40' }), 'retail.csv')).toEqual(
    [],
  );
  expect(trialReasons('big', parseSettings({ ROUNDS: '6', DAYS: '1' }), '')).toEqual([
    'ROUNDS is below 7',
    'PURCHASES is missing',
  ]);
  expect(trialReasons('aws-like', parseSettings({ ROUNDS: '6', DAYS: '1' }), 'retail.csv')).toEqual(
    ['DAYS is below 374'],
  );
});

it('the section ratios makes its own rows', () => {
  expect(trialReasons('ratios', parseSettings({ SCALE: '1' }), '')).toEqual([]);
  expect(trialReasons('ratios', parseSettings({ ROUNDS: '1' }), '')).toEqual(['ROUNDS is below 7']);
});
