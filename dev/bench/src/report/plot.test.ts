import { describe, expect, it } from 'vitest';
import { barPlot, linePlot } from './plot.ts';

const numbers = (svg: string, pattern: RegExp) =>
  [...svg.matchAll(pattern)].map(([, value = '']) => Number(value));

describe('a bar plot', () => {
  const bars = [
    { name: 'psql', value: 1, label: '1.00', kind: 'floor' },
    { name: 'a <b> & c', value: 10, label: '10.0', kind: 'peer' },
    { name: 'ours', value: 100, label: '100', kind: 'ours' },
  ] as const;

  it('draws longer bars for larger values, in equal steps for equal ratios', () => {
    const [one = 0, ten = 0, hundred = 0] = numbers(
      barPlot('Big day', bars),
      /width="([\d.]+)" height="18"/g,
    );
    expect(one).toBeGreaterThan(0);
    expect(ten - one).toBeCloseTo(hundred - ten, 0);
    expect(ten).toBeGreaterThan(one);
  });

  it('escapes its texts', () => {
    const svg = barPlot('x < y', bars);
    expect(svg).toContain('a &lt;b&gt; &amp; c');
    expect(svg).toContain('<title>x &lt; y</title>');
  });
});

describe('a line plot', () => {
  it('draws a circle for each point, on logarithmic axes', () => {
    const svg = linePlot('Growth', { x: 'rows', y: 's' }, [
      {
        name: 'ours',
        points: [
          [10, 1],
          [100, 10],
          [1000, 100],
        ],
      },
    ]);
    const [a = 0, b = 0, c = 0] = numbers(svg, /cx="([\d.]+)"/g);
    expect(b - a).toBeCloseTo(c - b, 0);
    const [low = 0, , high = 0] = numbers(svg, /cy="([\d.]+)"/g);
    expect(high).toBeLessThan(low);
  });

  it('can draw a single point', () => {
    const svg = linePlot('One', { x: 'rows', y: 's' }, [{ name: 'ours', points: [[10, 1]] }]);
    expect(svg).not.toContain('NaN');
  });
});
