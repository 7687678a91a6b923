import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads the app in `scriptRoot`: every file that `main` of its package.json matches (a glob is allowed), in order of name, by
 * `import()` or `require()` as its extension or the package's `type` says, as the Azure worker does.
 *
 * @throws Error when there is no package.json, no `main`, nothing matches it, or a file fails to load.
 */
export async function loadApp(scriptRoot: string): Promise<void> {
  const manifestPath = join(scriptRoot, 'package.json');
  const manifest = readManifest(manifestPath);
  if (typeof manifest.main !== 'string') {
    throw new Error(
      `${manifestPath}: no "main"; set it to the app's entry file or to a glob such as "dist/functions/*.js"`,
    );
  }
  const files = globSync(manifest.main, { cwd: scriptRoot }).sort();
  if (files.length === 0) {
    throw new Error(
      `${manifestPath}: "main" is "${manifest.main}", which matches no file in ${scriptRoot}; is the app built?`,
    );
  }
  const require = createRequire(manifestPath);
  for (const file of files) {
    const path = resolve(scriptRoot, file);
    const extension = extname(path);
    const isModule = extension === '.mjs' || (extension !== '.cjs' && manifest.type === 'module');
    try {
      if (isModule) await import(pathToFileURL(path).href);
      else require(path);
    } catch (error) {
      throw new Error(`Worker was unable to load entry point "${file}": ${text(error)}`, { cause: error });
    }
  }
}

function readManifest(path: string): { main?: unknown; type?: unknown } {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: cannot be read as the app's package.json: ${text(error)}`, { cause: error });
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
