/** Whether dashboard.json fits Grafana's schema, as the compiler sees it (dashboard-types.ts). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const dashboard = readFileSync(
  join(import.meta.dirname, '../monitoring/dashboard.json'),
  'utf8',
).trim();

/** What is wrong with each text as a dashboard: the compiler's messages. The texts are checked together, as one program. */
function faultsOf(texts: readonly string[]): readonly (readonly string[])[] {
  const sources = new Map(
    texts.map((text, index) => [
      join(import.meta.dirname, `dashboard-${String(index)}.ts`),
      `import type { Dashboard } from './dashboard-types.ts';\nexport const dashboard = ${text} satisfies Dashboard;\n`,
    ]),
  );
  const disk = ts.createCompilerHost({});
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => sources.has(file) || disk.fileExists(file),
    getSourceFile: (file, ...options) => {
      const text = sources.get(file);
      return text === undefined
        ? disk.getSourceFile(file, ...options)
        : ts.createSourceFile(file, text, ts.ScriptTarget.ESNext);
    },
  };
  const program = ts.createProgram(
    [...sources.keys()],
    {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      types: [],
    },
    host,
  );
  return [...sources.keys()].map((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

/** What is changed, to what, and the word that a message must have. */
const changes: readonly (readonly [RegExp, string, string])[] = [
  [/"uid"/, '"uidd"', 'uidd'],
  [/"schemaVersion": \d+/, '"schemaVersion": "new"', 'string'],
  [/"type": "stat"/, '"type": "stats"', 'stats'],
  [/"reduceOptions"/, '"reducedOptions"', 'reducedOptions'],
  [/"expr"/, '"exprs"', 'exprs'],
];

describe('the dashboard', () => {
  it("fits Grafana's schema, and would not with a fault", () => {
    const faulty = changes.map(([from, to]) => dashboard.replace(from, to));
    const [own, ...others] = faultsOf([dashboard, ...faulty]);
    expect(own).toEqual([]);
    for (const [index, [from, , word]] of changes.entries()) {
      expect(others[index]?.join('\n'), String(from)).toContain(word);
    }
  });
});
