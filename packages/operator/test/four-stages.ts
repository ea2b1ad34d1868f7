/** The pipeline without stages that were added later, and without what they write: these tests expect four. */
import type * as Pipeline from '@user-behaviour/shared/pipeline';

const names = ['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load'];

/** For `vi.mock('@user-behaviour/shared/pipeline', onlyFourStages)`. */
export async function onlyFourStages(
  original: () => Promise<typeof Pipeline>,
): Promise<typeof Pipeline> {
  const module = await original();
  const four = module.pipeline.filter(({ name }) => names.includes(name));
  const writes = four.map((stage): string => stage.writes);
  const pipeline = four.map((stage) => ({
    ...stage,
    reads: stage.reads.filter((dataset) => writes.includes(dataset)),
  }));
  const jobs = pipeline.map(({ name }) => name);
  const datasets = pipeline.map(({ writes }) => writes).filter(module.isDataset);
  const stageOf = (job: string) => pipeline.find(({ name }) => name === job);
  return { ...module, pipeline: pipeline as never, stageOf: stageOf as never, jobs, datasets };
}
