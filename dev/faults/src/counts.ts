/** The counts that the suites report; tools/test-run/fault-counts.mjs sums them by these names. */
export type Counts = Readonly<
  Partial<
    Record<
      | 'effects named'
      | 'faults injected'
      | 'survived'
      | 'interleavings'
      | 'orphans after sweep'
      | 'lost rows'
      | 'doubled rows',
      number
    >
  >
>;
