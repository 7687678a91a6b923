/** Tokens: whatever a name or a string contains, it comes back as it was. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenize } from '../../../../../local/servers/sqlserver/tsql/lexer.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });

describe('tokenize', () => {
  it('reads strings, bracketed and double-quoted names back as they were', () => {
    fc.assert(
      fc.property(text, value => {
        const written = [`'${value.replaceAll("'", "''")}'`, `N'${value.replaceAll("'", "''")}'`];
        for (const each of written) expect(tokenize(`SELECT ${each}`).at(-1)).toMatchObject({ kind: 'string', value });
        expect(tokenize(`[${value.replaceAll(']', ']]')}]`)[0]).toMatchObject({ kind: 'name', value });
        expect(tokenize(`"${value.replaceAll('"', '""')}"`)[0]).toMatchObject({ kind: 'name', value });
      }),
    );
  });

  it('covers the text: between tokens lies nothing but space and comments', () => {
    const piece = fc.constantFrom(
      'SELECT',
      '[a b]',
      "N'x;y'",
      '@v',
      '#t',
      '1.5e3',
      '0xAF',
      '<>',
      '(',
      ')',
      '-- c\n',
      '/* a /* b */ c */',
      ',',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        const sql = pieces.join(' ');
        let at = 0;
        for (const token of tokenize(sql)) {
          expect(sql.slice(at, token.start)).toMatch(/^(\s|--[^\n]*\n|\/\*.*?\*\/( c \*\/)?)*$/s);
          expect(sql.slice(token.start, token.end)).toBe(token.text);
          at = token.end;
        }
      }),
    );
  });

  it('counts lines from 1', () => {
    expect(tokenize("SELECT 'a\nb'\n, c").map(token => token.line)).toEqual([1, 1, 3, 3]);
  });

  it('refuses what is not closed', () => {
    expect(() => tokenize("SELECT 'open")).toThrowError(expect.objectContaining({ number: 105 }));
    expect(() => tokenize('SELECT [open')).toThrowError(expect.objectContaining({ number: 105 }));
    expect(() => tokenize('SELECT /* open')).toThrowError(expect.objectContaining({ number: 113 }));
  });
});
