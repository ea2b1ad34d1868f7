import { describe, expect, it } from 'vitest';
import { render } from './output.ts';

const output = {
  text: (width: number | undefined) => `${String(width)} columns`,
  json: () => ({ rows: 1, none: null }),
};

describe('an output', () => {
  it('is a text of the width of the terminal', () => {
    expect(render(output, { json: false, width: 80 })).toBe('80 columns');
  });

  it('is one JSON document if that is asked for', () => {
    expect(JSON.parse(render(output, { json: true, width: 80 }))).toEqual({ rows: 1, none: null });
  });

  it('is the text itself of a command without a document', () => {
    expect(render('done', { json: false, width: undefined })).toBe('done');
  });
});
