import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StorageError } from '../../../../local/servers/storage/errors.ts';
import {
  comparePaths,
  decodePath,
  isFileSystemName,
  joinName,
  splitName,
} from '../../../../local/servers/storage/paths.ts';

describe('decodePath', () => {
  test('gives back any name that was encoded segment by segment', () => {
    const segment = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter(text => text.isWellFormed() && !/[/\\\0]/.test(text) && text !== '.' && text !== '..');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), segments => {
        expect(decodePath(segments.map(encodeURIComponent).join('/'))).toBe(segments.join('/'));
      }),
    );
  });

  test('never lets a path leave its folder, whatever is sent', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '%2e',
      '%2E',
      '%2f',
      '%5c',
      '%00',
      '%252e',
      'a',
      '%',
      'C:',
      '//',
      '…',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), pieces => {
        let decoded: string;
        try {
          decoded = decodePath(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(StorageError);
          return;
        }
        for (const rules of [path.posix, path.win32]) {
          const base = rules.resolve('/lake/bronze');
          expect(rules.join(base, decoded).startsWith(base)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('drops slashes at the end', () => {
    expect(decodePath('a/b//')).toBe('a/b');
    expect(decodePath('/')).toBe('');
  });
});

test('names are split and joined at the last slash', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z.]{1,3}$/), { minLength: 1, maxLength: 4 }), segments => {
      const whole = segments.join('/');
      expect(joinName(...splitName(whole))).toBe(whole);
    }),
  );
});

test('paths sort segment by segment', () => {
  const sorted = ['a.txt', 'a/b', 'b', 'a', 'a/b/c', 'a!'].sort(comparePaths);
  expect(sorted).toEqual(['a', 'a/b', 'a/b/c', 'a!', 'a.txt', 'b']);
});

test.each([
  ['bronze', true],
  ['a-b-1', true],
  ['$web', true],
  ['ab', false],
  ['-ab', false],
  ['ab-', false],
  ['a--b', false],
  ['Abc', false],
  ['x'.repeat(64), false],
  ['', false],
])('%s as a file system: %s', (name, expected) => expect(isFileSystemName(name)).toBe(expected));
