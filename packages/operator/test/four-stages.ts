/** The pipeline without stages that were added later, so that the expectations of these tests stay the same. */
import type * as Pipeline from '@user-behaviour/shared/pipeline';

const names = ['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load'];

/** For `vi.mock('@user-behaviour/shared/pipeline', onlyFourStages)`. */
export async function onlyFourStages(
  original: () => Promise<typeof Pipeline>,
): Promise<typeof Pipeline> {
  const module = await original();
  const pipeline = module.pipeline.filter(({ name }) => names.includes(name));
  const jobs = pipeline.map(({ name }) => name);
  const datasets = pipeline.map(({ writes }) => writes).filter(module.isDataset);
  return { ...module, pipeline: pipeline as never, jobs, datasets };
}
