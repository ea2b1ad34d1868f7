/** An error in the form that AWS clients expect: a code, a message, and the fields that the API model declares. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: Record<string, unknown>;

  constructor(code: string, message: string, fields: Record<string, unknown> = {}, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
