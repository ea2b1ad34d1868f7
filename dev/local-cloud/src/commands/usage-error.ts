/** A command line that cannot be carried out; the program ends with exit code 64. */
export class UsageError extends Error {}
