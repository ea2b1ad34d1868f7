/** Makes the replication slot, and decides whether the pointer still fits it. */
import type { ChangesHead, Origin } from '@user-behaviour/shared/changes/changes-head';
import { attempt } from '@user-behaviour/source/errors';
import type { Client } from 'pg';
import { parsePosition } from '../stream/position.ts';
import type { SourceFacts } from './facts.ts';

/** Makes the slot anew. What an older slot of this name has kept is lost, so the caller begins a new epoch. */
export async function makeSlot(client: Client, slot: string, found: SourceFacts): Promise<void> {
  if (found.slot_facts !== null) {
    await attempt(`drop the replication slot ${slot}`, () =>
      client.query(`DROP_REPLICATION_SLOT ${slot}`),
    );
  }
  await attempt(`make the replication slot ${slot}`, () =>
    client.query(`CREATE_REPLICATION_SLOT ${slot} LOGICAL pgoutput NOEXPORT_SNAPSHOT`),
  );
}

/** Why changes may be missing between the pointer and what the slot will send; undefined if none can be. */
export function gapBetween(
  head: ChangesHead,
  origin: Origin,
  { slot_facts: slot, system }: SourceFacts,
  slotName: string,
): string | undefined {
  if (head.gap !== undefined) return head.gap;
  const { source } = head;
  if (source.systemIdentifier !== origin.systemIdentifier) return 'the source is another server';
  if (source.timeline !== origin.timeline) {
    return 'the source was restored, or a replica was promoted';
  }
  if (source.database !== origin.database) return 'the source is another database';
  if (source.table.oid !== origin.table.oid) return 'retail.user_purchase was made anew';
  if (JSON.stringify(source.publication) !== JSON.stringify(origin.publication)) {
    return 'the publication was changed or made anew';
  }
  if (head.slot !== slotName) return `the pointer is of the slot ${head.slot}, not ${slotName}`;
  if (slot === null) return `the replication slot ${slotName} is gone`;
  if (slot.plugin !== 'pgoutput' || slot.database !== system.dbname) {
    return `the replication slot ${slotName} is of ${slot.plugin} in the database ${slot.database}`;
  }
  if (slot.lost) return `the server has dropped what the slot ${slotName} needs`;
  // A run acknowledges only what the pointer has, so somebody else has moved the slot or made it anew.
  if (slot.confirmed !== null && parsePosition(slot.confirmed) > parsePosition(head.position)) {
    return `the replication slot ${slotName} begins after the pointer`;
  }
  return undefined;
}
