/** A pointer as capture-purchases writes it, for tests that have no replication slot. */

const touched = {
  ...{ first: '200', last: '300', inserted: 1, updated: 0, deleted: 0 },
  ...{ rows: 1, rowHash: '00000000000000ab', minQuantity: 2, uncounted: 0 },
};

/** It covers what was read of the cluster 7 from the transaction 100 on. */
export const exampleHead = (days: readonly string[], others: object = {}) => ({
  version: 1,
  epoch: 1,
  source: {
    systemIdentifier: '7',
    timeline: 1,
    database: 'shop',
    table: { oid: 16_400, identity: 'f' },
    publication: { oid: 16_410, xmin: '90', member: { oid: 16_411, xmin: '90' } },
  },
  slot: 'user_behaviour',
  since: { xid: '100', at: '2026-11-30T00:00:00.000Z' },
  position: '0/16B3748',
  at: '2026-11-30T02:00:00.000Z',
  days: Object.fromEntries(days.map((ds) => [ds, touched])),
  undated: 0,
  ...others,
});
