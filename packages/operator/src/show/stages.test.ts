import { expect, it, vi } from 'vitest';
import { selectStages } from './stages.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const names = [
  ...['source', 'purchases', 'reviews', 'cleaned-reviews', 'rejects', 'spectrum'],
  ...['metric', 'ledger'],
];

it('the stages are those of the pipeline, in the order of the data', () => {
  expect(selectStages(undefined).map(({ name }) => name)).toEqual(names);
  expect(selectStages('rejects').map(({ name }) => name)).toEqual(['rejects']);
});

it('an unknown stage is refused with the list', () => {
  expect(() => selectStages('cleaned')).toThrow(
    `STAGE must be one of ${names.join(', ')}, not "cleaned"`,
  );
});
