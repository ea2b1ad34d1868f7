/** Whether what the source has now continues what the pointer has: a mistake in a setting, or changes that are missing. */
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { Failure } from '@user-behaviour/shared/failure';
import type { CaptureConfiguration } from '../config.ts';
import { parsePosition } from '../stream/position.ts';
import { publicationOf, type SourceFacts } from './facts.ts';
import { inherited } from './requirements.ts';

/** Something has broken the chain of changes: only a reset begins a new one. */
export class Gap extends Failure {
  readonly why: string;

  constructor(why: string, cause?: unknown) {
    super('data', `changes of the source may be missing: ${why}`, {
      cause,
      action:
        'run capture-purchases --reset, which begins a new epoch; until a day is extracted again, plan says check for it',
    });
    this.why = why;
  }
}

/**
 * Finds errors of the server that say so: the slot or the publication was dropped, or the slot was lost, after it had been
 * looked at. Any other error is returned as it is.
 */
export function asGap(error: unknown): unknown {
  if (!(error instanceof Failure) || error.kind !== 'data') return error;
  const { code = '' } = (error.cause ?? {}) as { readonly code?: string };
  return ['42704', '55000'].includes(code) ? new Gap(error.message, error) : error;
}

type Settings = Pick<CaptureConfiguration, 'CAPTURE_SLOT' | 'CAPTURE_PUBLICATION'>;

/**
 * The settings may name something else than the pointer is of. That is no gap: with the right settings, nothing is lost.
 * @throws a configuration failure that names the variable and both values.
 */
export function requireSettingsOf(head: ChangesHead, { system }: SourceFacts, settings: Settings) {
  const { source, slot, publication } = head;
  const compared: readonly (readonly [string, string, string, string | undefined])[] = [
    [
      'SOURCE_DATABASE_URL',
      'the server with the identifier',
      system.systemid,
      source.systemIdentifier,
    ],
    ['SOURCE_DATABASE_URL', 'the database', system.dbname, source.database],
    ['CAPTURE_SLOT', 'the slot', settings.CAPTURE_SLOT, slot],
    ['CAPTURE_PUBLICATION', 'the publication', settings.CAPTURE_PUBLICATION, publication],
  ];
  for (const [variable, thing, named, kept] of compared) {
    // An older release did not keep the name of the publication.
    if (kept === undefined || named === kept) continue;
    throw new Failure(
      'configuration',
      `${variable} names ${thing} ${named}, but the captured changes are those of ${kept}`,
      {
        action: `correct ${variable}; if the change is meant, drop the old slot and run capture-purchases --reset`,
      },
    );
  }
}

/** Why changes may be missing between the pointer and what the slot will send; undefined if none can be. */
export function breakIn(
  { source, gap, slot: slotName, position }: ChangesHead,
  found: SourceFacts,
): string | undefined {
  if (gap !== undefined) return gap;
  const { table_facts: table, slot_facts: slot, system } = found;
  if (source.timeline !== system.timeline) {
    return 'the source was restored, or a replica was promoted';
  }
  const publication = publicationOf(found);
  if (publication === undefined) return 'the publication is gone';
  // A table that was renamed may come back, with all its changes and its place in the publication.
  const why = table === null ? undefined : whyOtherTable(source.table, table);
  if (why !== undefined) return why;
  if (table !== null && !isSame(source.publication, publication)) {
    return 'the publication was changed or made anew';
  }
  if (slot === null) return `the replication slot ${slotName} is gone`;
  if (slot.plugin !== 'pgoutput' || slot.database !== system.dbname) {
    return `the replication slot ${slotName} is of ${slot.plugin} in the database ${slot.database}`;
  }
  if (slot.lost) return `the server has dropped what the slot ${slotName} needs`;
  // A run acknowledges only what the pointer has, so somebody else has moved the slot or made it anew.
  if (slot.confirmed !== null && parsePosition(slot.confirmed) > parsePosition(position)) {
    return `the replication slot ${slotName} begins after the pointer`;
  }
  return undefined;
}

function whyOtherTable(
  kept: ChangesHead['source']['table'],
  { oid, children, columns }: NonNullable<SourceFacts['table_facts']>,
): string | undefined {
  if (kept.oid !== oid) return 'retail.user_purchase was made anew';
  if (children.length > 0) return inherited(children);
  // A column that is missing may have been renamed, and may come back.
  const changed = Object.entries(kept.columns ?? {}).find(
    ([name, before]) => (columns?.[name] ?? before) !== before,
  );
  if (changed === undefined) return undefined;
  const [name, before] = changed;
  return `the column ${name} was changed: place and type ${String(columns?.[name])}, before ${before}`;
}

type Publication = ChangesHead['source']['publication'];

/** An older release kept no row for a publication by schema. */
const isSame = (kept: Publication, now: Publication): boolean =>
  kept.oid === now.oid &&
  kept.xmin === now.xmin &&
  (kept.member === null ||
    (kept.member.oid === now.member?.oid && kept.member.xmin === now.member.xmin));
