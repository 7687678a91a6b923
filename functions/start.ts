/**
 * What the host loads: turns on Node's compile cache, then loads the app. A file of its own, because static imports are compiled
 * before the first statement runs. The cache lies in the temporary folder, which is writable on every Functions plan; a second
 * start on the same machine then compiles nothing.
 */
import module from 'node:module';

module.enableCompileCache();
await import('./main.ts');
// Now and not at the exit: a worker is more often killed than asked to end.
module.flushCompileCache();
