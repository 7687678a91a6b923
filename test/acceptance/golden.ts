/** Folders of text that a test's outcome must equal. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect } from 'vitest';

export type Texts = Readonly<Record<string, string>>;

/** Fails with the differences unless the folder holds exactly these texts. With UPDATE_GOLDEN set it is made to. */
export async function expectGolden(folder: string, texts: Texts): Promise<void> {
  if (process.env['UPDATE_GOLDEN']) await replace(folder, texts);
  expect(texts).toEqual(await readTexts(folder));
}

async function replace(folder: string, texts: Texts): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [name, text] of Object.entries(texts)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

async function readTexts(folder: string): Promise<Texts> {
  if (!existsSync(folder)) return {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = paths.map(async path => [relative(folder, path), await readFile(path, 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}
