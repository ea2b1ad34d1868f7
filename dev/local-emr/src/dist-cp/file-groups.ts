/** --groupBy and --targetSize: concatenates files whose groups match alike (EMRRG/UsingEMR_s3distcp). */
import { Readable } from 'node:stream';
import type { CopySource } from './copy-source.ts';

/**
 * One source for each file to write. Its name is the text of all capture groups; if the files are larger than
 * `targetBytes`, a number before the extension tells its parts apart: `name0.gz`, `name1.gz`. Files that do not match
 * are left out.
 */
export async function* grouped(
  sources: AsyncIterable<CopySource>,
  pattern: RegExp,
  targetBytes: number | undefined,
): AsyncGenerator<CopySource> {
  const groups = new Map<string, CopySource[]>();
  for await (const source of sources) {
    const match = pattern.exec(source.address);
    if (match === null) continue;
    const name = match.slice(1).join('');
    if (name === '') {
      throw new Error(`s3-dist-cp: the groups of --groupBy are empty for ${source.address}`);
    }
    groups.set(name, [...(groups.get(name) ?? []), source]);
  }
  for (const [name, members] of groups) {
    members.sort((a, b) => (a.address < b.address ? -1 : 1));
    const parts = partsOf(members, targetBytes ?? Infinity);
    for (const [index, part] of parts.entries()) {
      yield joined(part, parts.length === 1 ? name : numbered(name, index));
    }
  }
}

/** A part ends with the file that makes it as large as wanted, because files are not divided. */
function partsOf(members: readonly CopySource[], targetBytes: number): CopySource[][] {
  const parts: CopySource[][] = [];
  let bytes = Infinity;
  for (const member of members) {
    if (bytes >= targetBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(member);
    bytes += member.bytes;
  }
  return parts;
}

function numbered(name: string, index: number): string {
  const dot = name.lastIndexOf('.');
  return dot > name.lastIndexOf('/') + 1
    ? `${name.slice(0, dot)}${index}${name.slice(dot)}`
    : `${name}${index}`;
}

function joined(members: readonly CopySource[], relative: string): CopySource {
  return {
    address: members.map(({ address }) => address).join(' + '),
    relative,
    bytes: members.reduce((sum, { bytes }) => sum + bytes, 0),
    isResized: members.some(({ isResized }) => isResized),
    open: (signal) =>
      Promise.resolve(
        Readable.from(
          (async function* () {
            for (const member of members) yield* await member.open(signal);
          })(),
          { objectMode: false },
        ),
      ),
    remove: async () => {
      for (const member of members) await member.remove();
    },
  };
}
