/** An error of a statement, in the words of Redshift; its text becomes the statement's `Error`. */
export class WarehouseError extends Error {
  /** What stands behind `Detail:`, if anything. */
  readonly detail: string | undefined;

  constructor(message: string, detail?: string) {
    super(message);
    this.detail = detail;
  }

  /** As the Data API shows it. */
  get text(): string {
    return `ERROR: ${this.message}${this.detail === undefined ? '' : `\n  Detail: ${this.detail}`}`;
  }
}
