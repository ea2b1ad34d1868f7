import { expect, it } from 'vitest';
import { keyOf } from './s3-command.ts';

it.each([
  ['', ''],
  ['user_purchase/stage/', 'user_purchase/stage/'],
  ['s3://stages/user_purchase/x', 'user_purchase/x'],
  ['s3://stages/', ''],
  ['s3://stages', ''],
])('%j is the key %j', (path, key) => {
  expect(keyOf(path, 'stages')).toBe(key);
});

it.each(['s3://other/key', 's3://stages-2/key', 's3:///key'])('%s is refused', (path) => {
  expect(() => keyOf(path, 'stages')).toThrow(`${path} is not in PIPELINE_BUCKET=stages`);
});
