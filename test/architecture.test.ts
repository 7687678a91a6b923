/** The walls of the house: who may import whom, how long a file may be, what it may be called, and what it may not contain. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Import, projectRoot, readSource, sourceFiles } from './source-files.ts';

const files = sourceFiles();
const app = ['functions', 'orchestrations', 'shared'];

function below(path: string, ...folders: readonly string[]): boolean {
  return folders.some(folder => path.startsWith(`${folder}/`));
}

function isPackage({ target }: Import): boolean {
  return !target.startsWith('node:') && !below(target, ...app, 'local', 'test', 'bench');
}

/** A package and all that lies below its name: `@azure/storage-` stands for both storage clients. */
function imports({ target }: Import, ...packages: readonly string[]): boolean {
  return packages.some(name => target === name || target.startsWith(name.endsWith('-') ? name : `${name}/`));
}

/** Every import, of the files that `from` picks, which `allowed` does not allow. */
function breaches(from: (path: string) => boolean, allowed: (found: Import, path: string) => boolean): string[] {
  return files
    .filter(({ path }) => from(path))
    .flatMap(({ path, imports }) =>
      imports.filter(found => !allowed(found, path)).map(({ target }) => `${path} imports ${target}`),
    );
}

describe('who may import whom', () => {
  test('functions: orchestrations, shared and packages', () => {
    const allowed = (found: Import): boolean => !below(found.target, 'local', 'test', 'bench');
    expect(breaches(path => below(path, 'functions'), allowed)).toEqual([]);
  });

  test('nobody imports functions, but tests and benches', () => {
    const outside = (path: string): boolean => !below(path, 'functions', 'test', 'bench');
    expect(breaches(outside, ({ target }) => !below(target, 'functions'))).toEqual([]);
  });

  test('orchestrations: the durable library, each other, and types of shared', () => {
    // Not values of shared: a deploy that changes the catalog would break replays of runs in flight.
    const allowed = ({ target, typeOnly }: Import): boolean =>
      target === 'durable-functions' || below(target, 'orchestrations') || (typeOnly && below(target, 'shared'));
    expect(breaches(path => below(path, 'orchestrations'), allowed)).toEqual([]);
  });

  test('orchestrations: no clock, no chance, no environment, no waiting of their own', () => {
    // The host replays them; what it cannot replay would make them take another turn. context.df has all they need.
    const impure = /\bnew Date\(\)|\b(Date\.now|Math\.random|process\.|fetch\(|setTimeout|randomUUID|await |async )/;
    const found = files.filter(({ path }) => below(path, 'orchestrations')).map(({ path }) => path);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(path => impure.test(readFileSync(join(projectRoot, path), 'utf8')))).toEqual([]);
  });

  test('shared: nothing of functions, orchestrations, local', () => {
    const allowed = ({ target }: Import): boolean =>
      !below(target, 'functions', 'orchestrations', 'local', 'test', 'bench');
    expect(breaches(path => below(path, 'shared'), allowed)).toEqual([]);
  });

  test('shared knows neither the Functions host nor the durable library', () => {
    const allowed = (found: Import): boolean => !imports(found, '@azure/functions', 'durable-functions');
    expect(breaches(path => below(path, 'shared'), allowed)).toEqual([]);
  });

  test('local: nothing of the app', () => {
    // A stand-in made from our own client would repeat its mistakes.
    const allowed = ({ target }: Import): boolean => !below(target, ...app, 'test', 'bench');
    expect(breaches(path => below(path, 'local'), allowed)).toEqual([]);
  });

  test('the catalog: itself', () => {
    const allowed = ({ target }: Import): boolean => below(target, 'shared/catalog');
    expect(breaches(path => below(path, 'shared/catalog'), allowed)).toEqual([]);
  });

  test('formats: errors, no storage, no clock, no files', () => {
    const allowed = ({ target }: Import): boolean => target === 'shared/errors.ts' || below(target, 'shared/formats');
    expect(breaches(path => below(path, 'shared/formats'), allowed)).toEqual([]);
  });

  test('the Delta writer: no source, no catalog, no Azure', () => {
    const allowed = (found: Import): boolean =>
      !isPackage(found) && !below(found.target, 'shared/azure', 'shared/catalog', 'shared/sources', 'shared/runs');
    expect(breaches(path => below(path, 'shared/delta'), allowed)).toEqual([]);
  });
});

describe('where the outside world is touched in the app', () => {
  const inApp = (path: string): boolean => below(path, ...app);
  const only = (places: readonly string[], ...packages: readonly string[]): string[] =>
    breaches(inApp, (found, path) => !imports(found, ...packages) || places.some(place => path.startsWith(place)));

  test('the clients of Azure in shared/azure', () => {
    expect(only(['shared/azure/'], '@azure/storage-', '@azure/eventgrid', '@azure/identity')).toEqual([]);
  });

  test('shared/azure in the composition root', () => {
    const outside = (path: string): boolean => inApp(path) && !below(path, 'shared/azure');
    const allowed = ({ target }: Import, path: string): boolean =>
      !below(target, 'shared/azure') || path === 'functions/main.ts';
    expect(breaches(outside, allowed)).toEqual([]);
  });

  test('mssql in one file', () => {
    expect(only(['shared/sources/mssql/database.ts'], 'mssql')).toEqual([]);
  });

  test('DuckDB in shared/duckdb', () => {
    expect(only(['shared/duckdb/'], '@duckdb')).toEqual([]);
  });

  test('Parquet encoding in shared/parquet', () => {
    expect(only(['shared/parquet/'], 'parquet-wasm', 'apache-arrow')).toEqual([]);
  });

  test('zip directories in one file', () => {
    expect(only(['shared/sources/imdb/archive/zip.ts'], 'yauzl')).toEqual([]);
  });

  test('tedious nowhere: mssql brings the right one', () => {
    const everywhere = (): boolean => true;
    expect(breaches(everywhere, found => !imports(found, 'tedious'))).toEqual([]);
  });
});

describe('sizes and names', () => {
  test('a file is read in one sitting: 400 lines, tests 600', () => {
    const tooLong = files
      .filter(({ path }) => !below(path, 'shared/catalog'))
      .filter(({ path, lines }) => lines > (below(path, 'test') ? 600 : 400))
      .map(({ path, lines }) => `${path} has ${lines} lines`);
    expect(tooLong).toEqual([]);
  });

  test('names are kebab-case and say what is inside', () => {
    const vague = new Set(['util', 'utils', 'common', 'manager', 'helper', 'helpers', 'misc']);
    const words = (path: string): string[] => path.replace(/\.ts$/, '').split(/[/.-]/);
    const wrong = files
      .map(({ path }) => path)
      .filter(path => !/^[a-z0-9./-]+$/.test(path) || words(path).some(word => vague.has(word)));
    expect(wrong).toEqual([]);
  });

  test('an activity is registered under the name of its file', () => {
    const activities = readFileSync(join(projectRoot, 'orchestrations/activities.ts'), 'utf8');
    const contract = [...activities.matchAll(/^ {2}'([a-z-]+)': \{/gm)].map(match => match[1]);
    expect(contract.length).toBeGreaterThan(0);
    for (const name of contract) {
      const path = join(projectRoot, 'functions/activities', `${name}.ts`);
      expect(existsSync(path), `functions/activities/${name}.ts`).toBe(true);
      expect(readFileSync(path, 'utf8')).toContain(`registerActivity('${name}'`);
    }
  });
});

describe('what no file contains', () => {
  test('default exports, but in configurations', () => {
    const found = files.filter(file => file.hasDefaultExport && !file.path.endsWith('.config.ts'));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('the type any', () => {
    expect(files.filter(file => file.anyTypes > 0).map(({ path }) => path)).toEqual([]);
  });

  test('silenced checks and postponed work', () => {
    const forbidden = /@ts-(ignore|nocheck|expect-error)|\b(TODO|FIXME|XXX)\b/;
    const found = files.flatMap(({ path, comments }) =>
      comments.filter(comment => forbidden.test(comment)).map(comment => `${path}: ${comment.trim()}`),
    );
    expect(found).toEqual([]);
  });

  test('tests that do not run, and mocks of modules', () => {
    const forbidden = /^(it|test|describe|suite)\.(skip|skipIf|runIf|only|todo)\b|^vi\.(mock|doMock)$/;
    const found = files.flatMap(({ path, memberCalls }) =>
      memberCalls.filter(call => forbidden.test(call)).map(call => `${path}: ${call}`),
    );
    expect(found).toEqual([]);
  });
});

describe('README files', () => {
  const readmes = globSync('{functions,orchestrations,shared,local,test,bench}/**/README.md', { cwd: projectRoot });

  test('every area has one', () => {
    const areas = new Set(files.flatMap(({ path }) => areasOf(dirname(path))));
    const without = [...areas].filter(area => !existsSync(join(projectRoot, area, 'README.md')));
    expect(without).toEqual([]);
  });

  test.each(readmes)('%s has at most fifteen lines', path => {
    expect(readFileSync(join(projectRoot, path), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  });

  /** An area is a top-level folder, a folder right below `shared` or `local`, or a stand-in below `local/servers`. */
  function areasOf(folder: string): string[] {
    if (folder === '.') return [];
    const inside = ['shared', 'local', 'local/servers'].includes(dirname(folder)) && basename(folder) !== 'servers';
    return [...areasOf(dirname(folder)), ...(inside || dirname(folder) === '.' ? [folder] : [])];
  }
});

describe('the parser behind these tests', () => {
  test('sees every kind of import', () => {
    const { imports } = readSource(
      'shared/a/b.ts',
      `import type { A } from './c.ts';
       import { type B } from '../d.ts';
       import { type C, D } from 'mssql';
       import 'node:fs';
       export { E } from '@azure/identity';
       export type { F } from './f.ts';
       const g = await import('../../functions/g.ts');
       type H = import('./h.ts').H;`,
    );
    expect(imports).toEqual([
      { target: 'shared/a/c.ts', typeOnly: true },
      { target: 'shared/d.ts', typeOnly: true },
      { target: 'mssql', typeOnly: false },
      { target: 'node:fs', typeOnly: false },
      { target: '@azure/identity', typeOnly: false },
      { target: 'shared/a/f.ts', typeOnly: true },
      { target: 'functions/g.ts', typeOnly: false },
      { target: 'shared/a/h.ts', typeOnly: true },
    ]);
  });

  test('sees defaults, any, comments and calls', () => {
    const source = readSource('x.ts', "// @ts-ignore\ntest.skip('a', () => 1 as any);\nexport default 1;\n");
    expect(source).toMatchObject({ lines: 3, hasDefaultExport: true, anyTypes: 1, memberCalls: ['test.skip'] });
    expect(source.comments).toEqual([' @ts-ignore']);
  });
});
