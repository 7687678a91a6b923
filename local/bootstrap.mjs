// The first file that runs on a fresh clone, on whatever Node 20+ the machine has: installs what is missing, builds the app where
// its sources changed, then hands over to the Node that package.json pins. Plain JavaScript, because nothing is installed yet.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const [script, ...rest] = process.argv.slice(2);
const started = Date.now();

installWhereMissing();
buildWhereStale();
handOver();

function installWhereMissing() {
  const stamp = join(root, 'node_modules', '.installed-lock');
  const wanted = hashOf([join(root, 'package-lock.json')]);
  if (existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  note('installing packages (once) …');
  // The engine warnings are about the Node that runs npm, not about the pinned one that will run us.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell: process.platform === 'win32' });
  writeFileSync(stamp, wanted);
}

function buildWhereStale() {
  const stamp = join(root, 'dist', '.built-from');
  const wanted = hashOf([
    ...['functions', 'orchestrations', 'shared'].flatMap(sourcesBelow),
    join(root, 'rolldown.config.ts'),
    join(root, 'package-lock.json'),
  ]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  note('building the app …');
  const bundler = join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  run(pinnedNode, [bundler, '-c', 'rolldown.config.ts', '--logLevel', 'warn'], { quiet: true });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

function handOver() {
  if (!script) return;
  const child = spawn(pinnedNode, ['--disable-warning=ExperimentalWarning', join(root, script), ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(pinnedNode)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
      YOUFLIX_STARTED_AT_MS: String(started),
      // Every process we start compiles TypeScript and packages once, not once per start.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'compile'),
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

function run(command, args, options = {}) {
  // What they print goes to stderr: stdout belongs to the command's own result.
  execFileSync(command, args, {
    cwd: root,
    stdio: ['ignore', options.quiet ? 'ignore' : 2, 2],
    shell: options.shell ?? false,
  });
}

function sourcesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map(name => join(root, folder, String(name)))
    .filter(path => /\.(ts|sql)$/.test(path) && statSync(path).isFile())
    .sort();
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(relative(root, file)).update(readFileSync(file));
  return hash.digest('hex');
}

function note(text) {
  process.stderr.write(`youflix: ${text}\n`);
}
