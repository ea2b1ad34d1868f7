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

/** An error that a compute node or Spectrum reports: the detail has the code and the context. */
export function computeError(message: string, code: number, context = ''): WarehouseError {
  const rule = '-'.repeat(47);
  return new WarehouseError(
    message,
    `\n  ${rule}\n  error:  ${message}\n  code:      ${code}\n  context:   ${context}\n  ${rule}`,
  );
}
