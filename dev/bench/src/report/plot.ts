/** Plots as SVG: bars for candidates, lines on logarithmic axes for growth. */

const ink = '#24292f';
const faint = '#d0d7de';
export const colours = { floor: '#8c959f', ours: '#1a7f37', peer: '#0969da' } as const;
const palette = ['#8c959f', '#1a7f37', '#0969da', '#bf3989', '#9a6700'];

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** The text at its end. */
  readonly label: string;
  readonly kind: keyof typeof colours;
}

/** Horizontal bars on a logarithmic axis that starts below the smallest value. */
export function barPlot(title: string, bars: readonly Bar[]): string {
  const [left, width, row, top] = [250, 620, 26, 44];
  const values = bars.map(({ value }) => value);
  const low = Math.log10(Math.min(...values)) - 0.3;
  const span = Math.log10(Math.max(...values)) - low || 1;
  const shapes = bars.map(({ name, value, label, kind }, at) => {
    const y = top + at * row;
    const length = ((Math.log10(value) - low) / span) * (width - left);
    return [
      text(left - 8, y + 14, name, 'end'),
      `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="18" fill="${colours[kind]}"/>`,
      text(left + length + 6, y + 14, label),
    ].join('');
  });
  return svg(width + 110, top + bars.length * row + 12, title, shapes);
}

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Axes {
  readonly x: string;
  readonly y: string;
}

/** Lines on logarithmic axes, with a grid line at each power of ten. */
export function linePlot(title: string, axes: Axes, lines: readonly Line[]): string {
  const [left, top, width, height] = [80, 44, 560, 300];
  const points = lines.flatMap((line) => line.points);
  const x = scale(
    points.map(([value]) => value),
    left,
    left + width,
  );
  const y = scale(
    points.map(([, value]) => value),
    top + height,
    top,
  );
  const grid = [
    ...x.ticks.map((tick) => {
      const at = x.at(tick);
      return stroke(at, top, at, top + height) + text(at, top + height + 18, power(tick), 'middle');
    }),
    ...y.ticks.map((tick) => {
      const at = y.at(tick);
      return stroke(left, at, left + width, at) + text(left - 8, at + 4, power(tick), 'end');
    }),
  ];
  const drawn = lines.map(({ name, points: own }, index) => {
    const colour = palette[index % palette.length] ?? ink;
    const path = own.map(([px, py]) => `${x.at(px).toFixed(1)},${y.at(py).toFixed(1)}`).join(' ');
    const dots = own.map(
      ([px, py]) =>
        `<circle cx="${x.at(px).toFixed(1)}" cy="${y.at(py).toFixed(1)}" r="3" fill="${colour}"/>`,
    );
    const at = top + 14 + index * 20;
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...dots,
      `<rect x="${left + width + 14}" y="${at - 9}" width="12" height="10" fill="${colour}"/>`,
      text(left + width + 32, at, name),
    ].join('');
  });
  return svg(left + width + 230, top + height + 50, title, [
    ...grid,
    ...drawn,
    text(left + width / 2, top + height + 40, axes.x, 'middle'),
    text(left - 8, top - 8, axes.y, 'end'),
  ]);
}

function scale(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at)),
  };
}

const power = (value: number): string =>
  value >= 1_000_000
    ? `${String(value / 1_000_000)} M`
    : value >= 1_000
      ? `${String(value / 1_000)} k`
      : String(Number(value.toPrecision(1)));

const stroke = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${faint}"/>`;

const text = (x: number, y: number, content: string, anchor = 'start'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${ink}">${escaped(content)}</text>`;

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function svg(width: number, height: number, title: string, shapes: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="12" y="24" font-size="15" font-weight="bold" fill="${ink}">${escaped(title)}</text>`,
    ...shapes,
    '</svg>',
    '',
  ].join('\n');
}
