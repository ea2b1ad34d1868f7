/** A lab takes guards out of a copy of the pipeline and shows the same figures with them and without. */
import type { ServiceName } from '@user-behaviour/testkit/servers/cloud';
import type { Workshop } from '../workshop.ts';

export interface Lab {
  readonly name: string;
  /** What goes wrong, in one line. */
  readonly about: string;
  /** Guards of tools/mutation, in the order in which they are taken out. */
  readonly guards: readonly string[];
  readonly services: readonly ServiceName[];
  readonly run: (workshop: Workshop) => Promise<Finding>;
}

export interface Finding {
  /** What the last column shows, if not the pipeline without the guards. */
  readonly wrongIs?: string;
  readonly figures: readonly Figure[];
  /** Further sentences, without their full stops if they end with a message of a program. */
  readonly remarks: readonly string[];
}

export interface Figure {
  readonly what: string;
  readonly right: string;
  readonly wrong: string;
}

/** A figure from two results with the same keys. */
export const figure = <K extends string>(
  what: string,
  key: K,
  right: Readonly<Record<K, unknown>>,
  wrong: Readonly<Record<K, unknown>>,
): Figure => ({ what, right: String(right[key]), wrong: String(wrong[key]) });
