import { describe, expect, it } from 'vitest';
import { parseSettings, sections } from './settings.ts';

describe('the settings', () => {
  it('default to all sections and the usual peers', () => {
    const { BENCH, PEERS, ROUNDS, FORCE } = parseSettings({ BENCH: '' });
    expect(BENCH).toEqual(sections);
    expect(PEERS).not.toContain('airflow');
    expect(PEERS).not.toContain('debezium');
    expect([ROUNDS, FORCE]).toEqual([7, false]);
    expect(parseSettings({ FORCE: '1' }).FORCE).toBe(true);
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
