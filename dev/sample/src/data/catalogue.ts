/** The products of the sample's shop. */
import type { Random } from '../random.ts';

export interface Product {
  readonly stockCode: string;
  readonly description: string;
  /** In pounds, without trailing zeros, as in the shop's file. */
  readonly unitPrice: string;
}

const finishes = ['BLUE', 'COPPER', 'STRIPED', 'OAK', 'SPOTTED', 'IVORY', 'FELT', 'ENAMEL', 'MINT'];
const themes = ['HARBOUR', 'ORCHARD', 'ROBIN', 'MEADOW', 'CIRCUS', 'LIGHTHOUSE', 'FERN', 'COMET'];
const things = [
  'TEAPOT',
  'DOORSTOP',
  'LUNCH TIN',
  'PENCIL CASE',
  'EGG CUP',
  'WALL CLOCK',
  'APRON',
  'COASTER',
  'NIGHT LAMP',
  'JIGSAW',
];
const packings = ['', '', '', '', ' SET OF 4', ' SMALL', ' LARGE', ' BOXED', ' PACK OF 12', ' '];

export function makeCatalogue(random: Random, size = 240): Product[] {
  const code = 30_001;
  return Array.from({ length: size }, (_, index) => {
    const variant = random.chance(0.2) ? random.pick(['A', 'B', 'C']) : '';
    const thing = `${random.pick(finishes)} ${random.pick(themes)} ${random.pick(things)}`;
    return {
      stockCode: `${code + index}${variant}`,
      description: thing + random.pick(packings),
      unitPrice: String(random.integer(20, 1_500) / 100),
    };
  });
}
