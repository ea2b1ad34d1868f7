/** One thing that a sweep may remove. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';

export interface GarbageFolder {
  readonly kind: 'run' | 'rejects' | 'script' | 'probe' | 'record';
  /** Ends with a slash; the key of a record. */
  readonly where: string;
  readonly why: string;
  readonly objects: number;
  readonly bytes: number;
  /** Time of the last write, in milliseconds since 1970. */
  readonly modified: number;
  /** For a run: the day whose manifest must not name it. */
  readonly of?: { readonly dataset: Dataset; readonly ds: Ds; readonly run: string };
}

export interface GarbageUpload {
  readonly kind: 'upload';
  /** Its key. */
  readonly where: string;
  readonly why: string;
  readonly uploadId: string;
  readonly bytes: number;
  readonly modified: number;
}

export interface GarbageLease {
  readonly kind: 'lease';
  readonly where: string;
  readonly why: string;
  readonly etag: string;
  readonly modified: number;
}

export type Garbage = GarbageFolder | GarbageUpload | GarbageLease;
