// The parts of a job's bundle that only some starts need: each is a separate file beside main.cjs, so that the others do not
// load it (docs/adr/0051-parts-of-a-bundle.md). A part has its own copy of what it shares with the job, so no class may
// be known on both sides by `instanceof`.
import { join } from 'node:path';

const packages = join(import.meta.dirname, '../../packages');
const shared = join(packages, 'shared/src');

/** The module of each file. The job imports it dynamically. */
const modules = {
  'lineage.cjs': join(shared, 'lineage/send-events.ts'),
  'readable-log.cjs': join(shared, 'runner/readable-log.ts'),
  'telemetry.cjs': join(shared, 'runner/telemetry/job-telemetry.ts'),
};

/** Of one job only. */
const modulesOfJob = {
  'extract-purchases': {
    'parquet.cjs': join(packages, 'extract-purchases/src/upload/parquet/encode-parquet.ts'),
  },
};

const allOf = (job) => Object.entries({ ...modules, ...modulesOfJob[job] });

export const partsOf = (job) => allOf(job).map(([file]) => file);

/** For esbuild: `telemetry` becomes telemetry.cjs. */
export const partEntriesOf = (job) =>
  allOf(job).map(([file, path]) => ({ in: path, out: file.replace(/\.cjs$/, '') }));

/** Lets the dynamic import of a part load its file. */
export const loadPartsOf = (job) => ({
  name: 'load-parts',
  setup(build) {
    build.onResolve({ filter: /^\..*\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const asked = join(resolveDir, path);
      const [file] = allOf(job).find(([, module]) => module === asked) ?? [];
      return file && { path: `./${file}`, external: true };
    });
  },
});
