/** Simulates a host with a wrong clock: the process loads this file before anything else. */

/** The variables of such a process. */
export const wrongClock = (milliseconds: number) => ({
  NODE_OPTIONS: `--import=${import.meta.url}`,
  CLOCK_OFF: String(milliseconds),
});

const off = Number(process.env['CLOCK_OFF'] ?? 0);
const RightDate = Date;

if (off !== 0) {
  globalThis.Date = class extends RightDate {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [RightDate.now() + off] : given) as [number]));
    }

    static override now = () => RightDate.now() + off;
  } as DateConstructor;
}
