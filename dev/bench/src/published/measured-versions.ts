/** Which versions a section has measured, and whether there are later ones. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import * as z from 'zod';
import { workspace } from '../paths.ts';
import type { Section } from '../settings.ts';
import type { SectionFigures } from './section-figures.ts';

/** The projects whose speed a section tells. */
const measured: Readonly<Record<Section, readonly string[]>> = {
  big: ['extract-purchases'],
  small: jobs,
  spark: ['emr-clean'],
  backfill: jobs,
  growth: ['extract-purchases', 'redshift-load'],
  source: ['extract-purchases', 'capture-purchases'],
  'aws-like': [...jobs, 'operator'],
  ratios: ['extract-purchases'],
};

const manifest = z.object({ version: z.string() });

async function versionOf(project: string, root: string): Promise<string> {
  const path = join(root, 'packages', project, 'package.json');
  return manifest.parse(JSON.parse(await readFile(path, 'utf8'))).version;
}

/** The versions of the projects that the section measures, by their names. */
export async function measuredVersions(
  section: Section,
  root = workspace,
): Promise<Record<string, string>> {
  const entries = measured[section].map(
    async (project) => [project, await versionOf(project, root)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** The major and the minor version. */
const minorOf = (version: string): string => version.split('.', 2).join('.');

/** Says of which measured projects there is a later version, except for patches. Empty if there is none. */
export async function outdated(
  { section, date, code }: SectionFigures,
  root = workspace,
): Promise<readonly string[]> {
  const current = await measuredVersions(section, root);
  return Object.entries(code.projects).flatMap(([project, measuredVersion]) => {
    const version = current[project];
    if (version !== undefined && minorOf(version) === minorOf(measuredVersion)) return [];
    return `${section} (${date}) measured ${project} ${measuredVersion}, which is ${version ?? 'gone'} now: make bench BENCH=${section} measures it again`;
  });
}
