/** One thing that a sweep removes. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';

export interface WasteFolder {
  readonly kind: 'run' | 'rejects' | 'script' | 'trial';
  /** Ends with a slash. */
  readonly where: string;
  readonly why: string;
  readonly objects: number;
  readonly bytes: number;
  /** When it was last written to, in milliseconds since 1970. */
  readonly modified: number;
  /** Whose manifest must not name it, for a run. */
  readonly of?: { readonly dataset: Dataset; readonly ds: Ds; readonly run: string };
}

export interface WasteUpload {
  readonly kind: 'upload';
  /** Its key. */
  readonly where: string;
  readonly why: string;
  readonly uploadId: string;
  readonly bytes: number;
  readonly modified: number;
}

export interface WasteLease {
  readonly kind: 'lease';
  readonly where: string;
  readonly why: string;
  readonly etag: string;
  readonly modified: number;
}

export type Waste = WasteFolder | WasteUpload | WasteLease;
