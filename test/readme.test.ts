/** What the first page says is so: its links lead somewhere, its commands exist, and the output it shows is the command's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stepTable } from '../local/summary.ts';

const root = join(import.meta.dirname, '..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

test.each(['README.md', 'CONTRIBUTING.md'])('every link of %s leads to a file', file => {
  const links = [...text(file).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(match => match[1] ?? '');
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter(link => !existsSync(join(root, link)))).toEqual([]);
});

test('every command of the README is a script of the package', () => {
  const scripts = Object.keys((JSON.parse(text('package.json')) as { scripts: object }).scripts);
  const named = [...text('README.md').matchAll(/`npm (?:run )?([a-z]+(?::[a-z]+)?)/g)].map(match => match[1] ?? '');
  expect(named).toContain('start');
  expect(named.filter(name => !scripts.includes(name))).toEqual([]);
});

test('the output in the README has the columns that the command prints', () => {
  const [header = ''] = stepTable([]).split('\n');
  const shown = text('README.md')
    .split('\n')
    .map(line => line.trim().replace(/ +/g, ' '));
  expect(shown).toContain(header.trim().replace(/ +/g, ' '));
});

test('every decision has a number of its own, in order', () => {
  const numbers = readdirSync(join(root, 'docs', 'decisions'))
    .sort()
    .map(name => Number(name.slice(0, 4)));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});
