import { describe, expect, it } from 'vitest';
import { parseSettings, sections } from './settings.ts';

describe('the settings', () => {
  it('are all sections and the usual peers when nothing is said', () => {
    const { BENCH, PEERS, ROUNDS } = parseSettings({ BENCH: '' });
    expect(BENCH).toEqual(sections);
    expect(PEERS).not.toContain('airflow');
    expect(ROUNDS).toBe(5);
  });

  it('take lists, in the order of the project', () => {
    const { BENCH, PEERS } = parseSettings({ BENCH: 'spark, big', PEERS: 'all,airflow' });
    expect(BENCH).toEqual(['big', 'spark']);
    expect(PEERS).toContain('airflow');
    expect(parseSettings({ PEERS: 'none' }).PEERS).toEqual([]);
  });

  it('name every variable that is wrong', () => {
    expect(() => parseSettings({ BENCH: 'huge', ROUNDS: 'x', SHARE: '0' })).toThrow(
      /BENCH: huge is unknown[^]*ROUNDS[^]*SHARE/,
    );
  });
});
