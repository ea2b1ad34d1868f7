/** An error of a statement with Redshift's text, which becomes the statement's `Error`. */
export class WarehouseError extends Error {
  /** The text after `Detail:`, if any. */
  readonly detail: string | undefined;

  constructor(message: string, detail?: string) {
    super(message);
    this.detail = detail;
  }

  /** The text in the Data API. */
  get text(): string {
    return `ERROR: ${this.message}${this.detail === undefined ? '' : `\n  Detail: ${this.detail}`}`;
  }
}
