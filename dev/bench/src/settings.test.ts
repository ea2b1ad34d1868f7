import { describe, expect, it } from 'vitest';
import { parseSettings, sections } from './settings.ts';

describe('the settings', () => {
  it('default to the usual sections and peers', () => {
    const { BENCH, PEERS, ROUNDS } = parseSettings({ BENCH: '' });
    expect(BENCH).toEqual(sections.filter((name) => name !== 'source' && name !== 'aws-like'));
    expect(parseSettings({ BENCH: 'all,source,aws-like' }).BENCH).toEqual(sections);
    expect(PEERS).not.toContain('airflow');
    expect(PEERS).not.toContain('debezium');
    expect(ROUNDS).toBe(5);
  });

  it('accept lists and return them in a fixed order', () => {
    const { BENCH, PEERS } = parseSettings({ BENCH: 'spark, big', PEERS: 'all,airflow' });
    expect(BENCH).toEqual(['big', 'spark']);
    expect(PEERS).toContain('airflow');
    expect(parseSettings({ PEERS: 'none' }).PEERS).toEqual([]);
  });

  it('name every invalid variable', () => {
    expect(() => parseSettings({ BENCH: 'huge', ROUNDS: 'x', SHARE: '0' })).toThrow(
      /BENCH: huge is unknown[^]*ROUNDS[^]*SHARE/,
    );
  });
});
