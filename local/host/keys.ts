import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keys by which callers are let in with `--enableAuth`; made once and kept in the data folder. */
export interface HostKeys {
  /** Opens everything. */
  readonly master: string;
  /** Opens every function of level `function`. */
  readonly functions: string;
  /** System keys, by name: `durabletask_extension`, `eventgrid_extension`. */
  readonly system: Readonly<Record<string, string>>;
}

/** How well a function is guarded; `admin` takes the master key. */
export type AuthLevel = 'anonymous' | 'function' | 'admin';

/** Reads the keys of this data folder, making them at the first call. */
export function loadKeys(dataFolder: string): HostKeys {
  const path = join(dataFolder, 'host-keys.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const keys: HostKeys = {
    master: newKey(),
    functions: newKey(),
    system: { durabletask_extension: newKey(), eventgrid_extension: newKey() },
  };
  mkdirSync(dataFolder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

/** Whether a caller who shows `key` may use what is guarded at `level`. */
export function mayCall(keys: HostKeys, level: AuthLevel, key: string | undefined): boolean {
  if (level === 'anonymous' || key === keys.master) return true;
  return level === 'function' && key === keys.functions;
}

function newKey(): string {
  return randomBytes(40).toString('base64url');
}
