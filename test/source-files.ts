/** The project's own TypeScript, read and parsed: what the architecture test asks its questions of. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'rolldown/utils';

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..');

export interface Import {
  /** A path from the project root for a file of the project, else the package as it is written: `node:fs`, `mssql`. */
  readonly target: string;
  /** Nothing of it is left when the types are stripped. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** From the project root, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly hasDefaultExport: boolean;
  readonly comments: readonly string[];
  /** `any` as a type, counted. */
  readonly anyTypes: number;
  /** Calls such as `test.skip` and `vi.mock`, as written. */
  readonly memberCalls: readonly string[];
}

const codeFolders = ['functions', 'orchestrations', 'shared', 'local', 'test', 'bench'];

/** Every TypeScript file of the project, the configurations at the root included. */
export function sourceFiles(): readonly SourceFile[] {
  const paths = globSync(['*.ts', ...codeFolders.map(folder => `${folder}/**/*.ts`)], { cwd: projectRoot });
  return paths
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => !path.includes('/fixtures/'))
    .sort()
    .map(path => readSource(path, readFileSync(join(projectRoot, path), 'utf8')));
}

/** `path` is from the project root. @throws Error when the text does not parse */
export function readSource(path: string, text: string): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const imports: Import[] = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      target: resolve(path, moduleRequest.value),
      typeOnly: entries.length > 0 && entries.every(entry => entry.isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest === null ? [] : [{ target: resolve(path, moduleRequest.value), typeOnly: isType }],
      ),
    ),
  ];
  let anyTypes = 0;
  const memberCalls: string[] = [];
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === 'Literal' && typeof source.value === 'string')
        imports.push({ target: resolve(path, source.value), typeOnly: false });
    },
    TSImportType({ source }) {
      imports.push({ target: resolve(path, source.value), typeOnly: true });
    },
    TSAnyKeyword() {
      anyTypes += 1;
    },
    CallExpression({ callee }) {
      if (callee.type === 'MemberExpression') memberCalls.push(text.slice(callee.start, callee.end));
    },
  }).visit(program);
  const hasDefaultExport = module.staticExports.some(({ entries }) =>
    entries.some(({ exportName }) => exportName.kind === 'Default' || exportName.name === 'default'),
  );
  return {
    path,
    lines: text.split('\n').length - 1,
    imports,
    hasDefaultExport,
    comments: comments.map(comment => comment.value),
    anyTypes,
    memberCalls,
  };
}

function resolve(importer: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(posix.dirname(importer), specifier);
}
