/** What the scans of a load cost, in words: it depends on the kind of warehouse. Prices of 2026, USD; pure. */

/** For each TB that Spectrum reads; differs by region. */
const dollarsPerTerabyte = 5;

interface WarehouseKind {
  readonly REDSHIFT_WORKGROUP?: string | undefined;
  readonly REDSHIFT_CLUSTER_ID?: string | undefined;
}

/** `bytes`: of the day's published files; undefined if that is not known. */
export function scanCost(
  { REDSHIFT_CLUSTER_ID }: WarehouseKind,
  bytes: number | undefined,
): string {
  if (REDSHIFT_CLUSTER_ID === undefined) {
    return 'serverless: the scans are part of the RPU-hours of the workgroup; nothing is charged by the byte';
  }
  const most =
    bytes === undefined
      ? ''
      : `, here at most ${((bytes / 1e12) * dollarsPerTerabyte).toFixed(6)} USD for the ${String(bytes)} bytes of the day's files`;
  return `provisioned: with RA3 and older nodes, Spectrum charges about ${String(dollarsPerTerabyte)} USD for each TB that it reads${most}; RG nodes scan with their own compute, and nothing is charged by the byte`;
}
