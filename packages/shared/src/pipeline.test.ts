import { describe, expect, it } from 'vitest';
import {
  canWait,
  datasets,
  isDataset,
  jobs,
  pipeline,
  producerOf,
  stageOf,
  upstreamJobs,
} from './pipeline.ts';

describe('the pipeline', () => {
  it('lists its stages in an order in which they can run', () => {
    const written = new Set<string>();
    for (const stage of pipeline) {
      for (const dataset of stage.reads) expect(written, stage.name).toContain(dataset);
      expect(written).not.toContain(stage.writes);
      written.add(stage.writes);
    }
  });

  it('gives each stage a unique name and either a source or an upstream', () => {
    for (const stage of pipeline) {
      expect(stage.reads.length > 0, stage.name).toBe(!('source' in stage));
    }
    expect(new Set(jobs).size).toBe(pipeline.length);
    expect(new Set(pipeline.map(({ verb }) => verb)).size).toBe(pipeline.length);
  });

  it('inherits only settings that shape an upstream', () => {
    for (const stage of pipeline) {
      const upstream = upstreamJobs(stage).flatMap((job): readonly string[] => {
        const { shapedBy, inherits } = stageOf(job);
        return [...shapedBy, ...inherits];
      });
      for (const setting of stage.inherits) expect(upstream, stage.name).toContain(setting);
    }
  });

  it('publishes datasets in the bucket, and the metric in the warehouse', () => {
    const [metric, ...others] = pipeline
      .map(({ writes }) => writes)
      .filter((name) => !isDataset(name));
    expect([metric, others]).toEqual(['public.user_behavior_metric', []]);
    expect(datasets).toHaveLength(pipeline.length - 1);
    expect(producerOf('movie_review/stage').name).toBe('emr-clean');
    expect(() => producerOf('movie_review/rejects')).toThrow('no stage writes');
  });

  it('takes --wait only for stages whose input may not exist yet', () => {
    expect(jobs.filter((job) => !canWait(stageOf(job)))).toEqual(['extract-purchases']);
  });
});
