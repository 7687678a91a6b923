/**
 * Brings in what nobody here wrote: from PyPI, npm, Maven Central and Debian, through their ordinary clients and the machine's own
 * settings. It is kept in `.cache/interop`, so that only the first run downloads.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cacheFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '.cache', 'interop');
const installTimeoutMs = 6 * 60_000;

/** The client cannot be had on this machine: a registry or a tool does not answer. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** A Python of its own with these packages (`name==version`). Returns the path of its interpreter. @throws NotInstalled */
export async function pythonWith(folder: string, packages: readonly string[]): Promise<string> {
  const home = join(cacheFolder, folder);
  const python = join(home, 'bin', 'python');
  await once(home, packages, async () => {
    await run('python3', ['-m', 'venv', home]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
  });
  return python;
}

/** Packages of npm (`name@version`) in a folder of their own. Returns what requires them from there. @throws NotInstalled */
export async function nodeWith(folder: string, packages: readonly string[]): Promise<NodeJS.Require> {
  const home = join(cacheFolder, folder);
  await once(home, packages, async () => {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['install', '--prefix', home, ...options, ...packages]);
  });
  return createRequire(join(home, 'package.json'));
}

/** A Java artefact: group, name and version. */
export type MavenArtifact = readonly [group: string, name: string, version: string];

/** These jars without what they depend on. Returns their paths. @throws NotInstalled */
export async function jarsOf(folder: string, artifacts: readonly MavenArtifact[]): Promise<readonly string[]> {
  const home = join(cacheFolder, folder);
  const tags = artifacts.map(
    ([group, name, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
  );
  await once(home, tags, async () => {
    const pom = join(home, 'pom.xml');
    const own = '<groupId>local</groupId><artifactId>interop</artifactId><version>1</version>';
    const project = `<project><modelVersion>4.0.0</modelVersion>${own}<dependencies>${tags.join('')}</dependencies></project>`;
    await writeFile(pom, project);
    const options = ['-DexcludeTransitive=true', `-DoutputDirectory=${home}`];
    await run('mvn', ['--quiet', '--batch-mode', '--file', pom, 'dependency:copy-dependencies', ...options]);
  });
  return artifacts.map(([, name, version]) => join(home, `${name}-${version}.jar`));
}

/** Makes sure that a command exists, from a Debian package where it does not. @throws NotInstalled */
export async function commandFrom(debianPackage: string, command: string): Promise<void> {
  if (await isOnPath(command)) return;
  if (process.getuid?.() !== 0 || !(await isOnPath('apt-get'))) {
    throw new NotInstalled(`there is no ${command}; as root on Debian, apt-get install ${debianPackage} brings it`);
  }
  // Another installation may hold the lock for a while.
  const apt = ['-o', 'DPkg::Lock::Timeout=120', '--yes', '--quiet'];
  await run('apt-get', [...apt, 'update']);
  await run('apt-get', [...apt, '--no-install-recommends', 'install', debianPackage]);
}

/** Runs `install` in an empty folder, unless an earlier run came to its end there with the same `contents`. */
async function once(home: string, contents: readonly string[], install: () => Promise<void>): Promise<void> {
  const stamp = join(home, '.installed');
  const wanted = contents.join('\n');
  if ((await readFile(stamp, 'utf8').catch(() => undefined)) === wanted) return;
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  await install();
  await writeFile(stamp, wanted);
}

async function isOnPath(command: string): Promise<boolean> {
  return promisify(execFile)('which', [command]).then(
    () => true,
    () => false,
  );
}

async function run(command: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(command, args, { timeout: installTimeoutMs, maxBuffer: 64 * 1024 * 1024 });
  } catch (cause) {
    const { stderr = '', stdout = '', message } = cause as { stderr?: string; stdout?: string; message: string };
    const lines = `${stdout}\n${stderr}`.trim().split('\n');
    // npm names the fault first, and has advice below; the others end with it.
    const said = command === 'npm' ? lines[0] : lines.at(-1);
    throw new NotInstalled(`${basename(command)} ${args.at(-1)}: ${said || message}`, { cause });
  }
}
