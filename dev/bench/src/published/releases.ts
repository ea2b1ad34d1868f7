/** Which version of the code a section has measured, and how many releases were made since. */
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

/** `## 0.2.0 (2026-12-01)`, or with one # for a major version, as `nx release` writes it. */
const heading = /^##? (\d+\.\d+\.\d+\S*)/gm;

/** How many releases the changelog has after the version; the first version of a project is in none. */
export function releasesSince(version: string, changelog: string): number {
  const released = [...changelog.matchAll(heading)].map(([, name]) => name);
  const at = released.indexOf(version);
  return at === -1 ? released.length : at;
}

/**
 * Says for each project that the section measured if the figures are older than its last release but one.
 * Empty if none is. @throws if there is no such project any more.
 */
export async function outdated(
  { section, date, code }: SectionFigures,
  root = workspace,
): Promise<readonly string[]> {
  const problems = Object.entries(code.projects).map(async ([project, recorded]) => {
    const version = await versionOf(project, root);
    const path = join(root, 'packages', project, 'CHANGELOG.md');
    const changelog = await readFile(path, 'utf8').catch(() => '');
    const releases = recorded === version ? 0 : releasesSince(recorded, changelog);
    if (releases <= 1) return undefined;
    return `${section} (${date}) measured ${project} ${recorded}, ${String(releases)} releases before ${version}: run make bench BENCH=${section} on a quiet machine`;
  });
  return (await Promise.all(problems)).filter((problem) => problem !== undefined);
}
