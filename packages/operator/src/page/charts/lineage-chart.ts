/** What is made from what, by which job, as pipeline.ts says it: a small graph from top to bottom. */
import { pipeline, type Stage } from '@user-behaviour/shared/pipeline';
import { link, curveBumpY } from 'd3-shape';
import { type Html, markup } from '../markup.ts';

interface Node {
  readonly name: string;
  readonly isJob: boolean;
  readonly from: readonly string[];
}

interface Placed extends Node {
  readonly x: number;
  readonly y: number;
}

const lane = 212;
const layer = 62;
const box = { width: 196, height: 34 };

function nodes(stages: readonly Stage[]): readonly Node[] {
  return stages.flatMap(({ name, reads, source, writes }) => [
    ...(source === undefined ? [] : [{ name: source.name, isJob: false, from: [] }]),
    { name, isJob: true, from: source === undefined ? reads : [source.name, ...reads] },
    { name: writes, isJob: false, from: [name] },
  ]);
}

/** A node stands below all that it is made from, in the lane of its first source, or between its sources. */
function place(all: readonly Node[]): readonly Placed[] {
  const placed = new Map<string, Placed>();
  let lanes = 0;
  for (const node of all) {
    const above = node.from.flatMap((name) => placed.get(name) ?? []);
    const y = Math.max(-layer, ...above.map((one) => one.y)) + layer;
    const mean = above.reduce((sum, { x }) => sum + x, 0) / above.length;
    const x = above.length === 0 ? lanes++ * lane : mean;
    placed.set(node.name, { ...node, x, y });
  }
  return [...placed.values()];
}

export function lineageChart(): Html {
  const all = place(nodes(pipeline));
  const byName = new Map(all.map((node) => [node.name, node]));
  const draw = link<unknown, readonly [Placed, Placed], readonly [number, number]>(curveBumpY)
    .source(([from]) => [from.x + box.width / 2, from.y + box.height])
    .target(([, to]) => [to.x + box.width / 2, to.y])
    .digits(1);
  const edges = all.flatMap((to) =>
    to.from.flatMap((name) => {
      const from = byName.get(name);
      return from === undefined ? [] : [markup`<path d="${draw([from, to]) ?? ''}"/>`];
    }),
  );
  const width = Math.max(...all.map(({ x }) => x)) + box.width;
  const height = Math.max(...all.map(({ y }) => y)) + box.height;
  const sentence = pipeline
    .map(({ name, reads, writes, ...stage }) => {
      const source = 'source' in stage ? [stage.source.name] : [];
      return `${name} makes ${writes} from ${[...source, ...reads].join(' and ')}`;
    })
    .join('; ');
  return markup`<section class="card"><h2>Lineage</h2>
<p>What each stage reads and writes.</p>
<svg class="lineage" viewBox="-1 -1 ${width + 2} ${height + 2}" role="img" aria-label="${sentence}">
<g class="edges">${edges}</g>
${all.map(
  ({ name, isJob, x, y }) =>
    markup`<g class="${isJob ? 'job' : 'data'}"><rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="${isJob ? box.height / 2 : 6}"/><text x="${x + box.width / 2}" y="${y + box.height / 2}" dy=".34em" text-anchor="middle">${name}</text></g>
`,
)}</svg></section>
`;
}
