/** One sale of the sample's shop. */
import type { Product } from './catalogue.ts';

export interface SaleLine extends Product {
  readonly quantity: number;
}

/** One invoice; all its lines have the same time and customer. */
export interface Sale {
  /** Time of day, e.g. 08:26:00. */
  readonly time: string;
  readonly customer: number | undefined;
  readonly cancelled: boolean;
  readonly lines: readonly SaleLine[];
}
