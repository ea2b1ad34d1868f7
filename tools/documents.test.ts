import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failureKinds } from '@user-behaviour/shared/failure';
import { pipeline, type Stage } from '@user-behaviour/shared/pipeline';
import { parseRules } from '@user-behaviour/shared/rules/rules';
import { describe, expect, it } from 'vitest';
import { paths, root, sources, text } from './workspace-files.ts';

const headings = (path: string) =>
  [...text(path).matchAll(/^(#+) +(.+?) *$/gm)].map(([, marks = '', title = '']) => ({
    level: marks.length,
    title,
  }));

/** The anchor of a heading, as GitHub makes it. */
const anchor = (title: string) =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

describe('the documents', () => {
  it.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'LICENSE'])('include %s', (path) => {
    expect(existsSync(join(root, path))).toBe(true);
  });

  it.each([...paths('*.md'), ...paths('{docs,packages,dev,sql,spark,infra}/**/*.md')])(
    'have links that lead somewhere: %s',
    (path) => {
      const prose = text(path).replaceAll(/```[\s\S]*?```/g, '');
      const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
      const local = links.filter((link) => !/^[a-z]+:/.test(link));
      const broken = local.filter((link) => {
        const [file = '', section] = link.split('#');
        const target = file === '' ? path : join(dirname(path), file);
        if (!existsSync(join(root, target))) return true;
        if (section === undefined || !target.endsWith('.md')) return false;
        return !headings(target).some(({ title }) => anchor(title) === section);
      });
      expect(broken).toEqual([]);
    },
  );
});

describe('docs/runbook.md', () => {
  it('has one heading for each kind of failure, after the symptoms, and no other', () => {
    const sections = headings('docs/runbook.md').filter(({ level }) => level === 2);
    const [first, ...kinds] = sections.map(({ title }) => title);
    expect(first).toBe('Symptoms');
    expect(kinds.sort()).toEqual(Object.keys(failureKinds).sort());
  });

  const spoken = [
    ...[
      'shared',
      'source',
      'operator',
      'capture-purchases',
      ...pipeline.map(({ name }) => name),
    ].map((project) => sources(project).map(text).join('\n')),
    text('spark/random_text_classification.py'),
  ];
  const symptoms = (/^## Symptoms$([^]*?)^## /m.exec(text('docs/runbook.md'))?.[1] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|')[1]?.trim() ?? '');
  const messages = symptoms.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message),
  );

  /** Whether one project has the constant parts of the message. */
  function isSaid(message: string): boolean {
    const parts = message.split('…').map((part) => part.trim());
    return spoken.some((source) => parts.every((part) => source.includes(part)));
  }

  it('has symptoms', () => {
    expect(messages.length).toBeGreaterThan(30);
  });

  it.each(messages)('quotes what a job says: %s', (message) => {
    expect(isSaid(message)).toBe(true);
  });

  it('would not quote what nobody says', () => {
    expect(isSaid('the reviews file … is late')).toBe(false);
  });
});

describe('docs/operating.md', () => {
  it('has rules that the jobs read', () => {
    const examples = [...text('docs/operating.md').matchAll(/```json\n([\s\S]*?)```/g)];
    const rules = examples.map(([, json = '']) => json).filter((json) => json.includes('"rules"'));
    expect(rules.map((json) => parseRules(json, 'rules.json').length)).toEqual([3]);
  });
});

describe('docs/contract.md', () => {
  const rows = text('docs/contract.md').split('\n');

  it.each(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10'])(
    'names tests for %s, and they are there',
    (invariant) => {
      const row = rows.find((line) => new RegExp(`^\\| *\\W*${invariant}\\b`).test(line)) ?? '';
      const tests = [...row.matchAll(/[\w./-]+(?:\.test\.ts|test_\w+\.py)/g)].map(([path]) =>
        path.replace(/^(\.\.\/)+/, ''),
      );
      expect(tests.length).toBeGreaterThan(0);
      expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
      const named = tests.filter((path) => new RegExp(`\\b${invariant}\\b`).test(text(path)));
      expect(named.length, `a test whose title names ${invariant}`).toBeGreaterThan(0);
    },
  );

  it('has the stages of the pipeline', () => {
    const cells = (row: string) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
    const start = rows.indexOf('## Stages');
    const table = rows
      .slice(start, rows.indexOf('## Layout of the bucket'))
      .filter((row) => row.startsWith('|'));
    const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');
    const expected = pipeline.map((stage: Stage) => [
      code([stage.name]),
      stage.source?.name ?? code(stage.reads),
      code([stage.writes]),
      stage.rows,
      code([...stage.shapedBy, ...stage.inherits]),
    ]);
    expect(table.slice(2).map(cells)).toEqual(expected);
  });

  it('tells the exit code of each kind of failure', () => {
    for (const { exit } of Object.values(failureKinds)) {
      expect(rows.some((line) => line.startsWith(`| ${exit} `))).toBe(true);
    }
  });
});

describe('docs/lesson', () => {
  const folder = 'docs/lesson';
  const documents = paths(`${folder}/*.md`);
  const chapters = [
    ...text(`${folder}/README.md`).matchAll(/^\| \[[^\]]+\]\((\w[\w-]*\.md)\)/gm),
  ].map(([, file = '']) => join(folder, file));
  const withoutCode = (path: string) => text(path).replaceAll(/```[\s\S]*?```/g, '');

  it('has chapters', () => {
    expect(chapters.length).toBeGreaterThan(8);
  });

  it.each(documents)('names what is in the code: %s', (path) => {
    const links = [...withoutCode(path).matchAll(/\[`([^`]+)`\]\(([^)\s#]+)\)/g)];
    const wrong = links.filter(([, name = '', link = '']) => {
      const target = join(root, folder, link);
      if (!existsSync(target)) return true;
      if (statSync(target).isDirectory() || link.endsWith('.md')) return false;
      return !link.endsWith(`/${name}`) && !text(join(folder, link)).includes(name);
    });
    expect(wrong.map(([link]) => link)).toEqual([]);
  });

  it.each(chapters)(
    'has in each chapter a drawing, what to run and to break, and questions: %s',
    (path) => {
      expect(text(path)).toMatch(/^```mermaid$/m);
      expect(text(path)).toMatch(/^```sh$/m);
      expect(text(path).match(/^<details><summary>/gm)?.length).toBeGreaterThan(1);
      const titles = headings(path).map(({ title }) => title);
      expect(titles).toEqual(
        expect.arrayContaining(['Where it lives', 'Run it', 'In other tools']),
      );
      expect(titles.some((title) => title.startsWith('Break it'))).toBe(true);
    },
  );

  const terms = [...text(`${folder}/glossary.md`).matchAll(/^\| \[`?([^\]`]+)`?\]/gm)].map(
    ([, term = '']) => term.toLowerCase(),
  );

  it('explains in the glossary each term that a chapter introduces', () => {
    const introduced = chapters
      .flatMap((path) => [...withoutCode(path).matchAll(/\*\*`?([^*`]+)`?\*\*/g)])
      .map(([, term = '']) => term.toLowerCase());
    expect(introduced.length).toBeGreaterThan(50);
    expect(
      introduced.filter((term) => !terms.includes(term) && !terms.includes(term.replace(/s$/, ''))),
    ).toEqual([]);
    expect(terms).toEqual([...new Set(terms)].sort((one, other) => one.localeCompare(other)));
  });

  it('leads from each piece of the article to a chapter', () => {
    const [, map = ''] = text(`${folder}/README.md`).split('## The article, piece by piece');
    const rows = map.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.length - 2).toBeGreaterThanOrEqual(35);
    expect(rows.slice(2).filter((row) => !/\]\([\w./#-]+\)/.test(row))).toEqual([]);
  });

  it('names targets that make has', () => {
    const named = documents.flatMap((path) => [
      ...text(path).matchAll(/(?:^|`)(?:[A-Z_]+=\S+ )?make ([a-z][a-z0-9-]*)/gm),
    ]);
    const targets = [...text('infra/Makefile').matchAll(/^([a-z0-9-]+):/gm)].map(
      ([, name]) => name,
    );
    const unknown = named.map(([, name]) => name).filter((name) => !targets.includes(name));
    expect(named.length).toBeGreaterThan(50);
    expect([...new Set(unknown)]).toEqual([]);
  });
});
