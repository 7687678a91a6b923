import { readFileSync } from 'node:fs';

/** local.settings.json, as `func start` reads it. */
export interface LocalSettings {
  /** App settings; they become environment variables of the worker. */
  readonly values: Readonly<Record<string, string>>;
  readonly port: number | undefined;
  readonly address: string | undefined;
  readonly cors: string | undefined;
  readonly corsCredentials: boolean;
}

const noSettings: LocalSettings = {
  values: {},
  port: undefined,
  address: undefined,
  cors: undefined,
  corsCredentials: false,
};

/**
 * Reads the file; a missing one is as good as an empty one.
 *
 * @throws Error when it is no JSON, is encrypted, or a value is not a string.
 */
export function readLocalSettings(path: string): LocalSettings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return noSettings;
    throw error;
  }
  const { IsEncrypted, Values = {}, ConnectionStrings = {}, Host = {} } = parse(path, text);
  if (IsEncrypted === true) throw new Error(`${path}: the values are encrypted; run "func settings decrypt" first`);
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(Values)) {
    if (typeof value === 'object')
      throw new Error(`${path}: Values.${name} must be a string, found ${JSON.stringify(value)}`);
    values[name] = String(value);
  }
  for (const [name, value] of Object.entries(ConnectionStrings)) {
    if (typeof value === 'string') values[`ConnectionStrings:${name}`] = value;
  }
  return {
    values,
    port: Host.LocalHttpPort,
    address: Host.LocalHttpAddress || undefined,
    cors: Host.CORS,
    corsCredentials: Host.CORSCredentials === true,
  };
}

interface SettingsFile {
  readonly IsEncrypted?: boolean;
  readonly Values?: Record<string, unknown>;
  readonly ConnectionStrings?: Record<string, unknown>;
  readonly Host?: {
    readonly LocalHttpPort?: number;
    readonly LocalHttpAddress?: string;
    readonly CORS?: string;
    readonly CORSCredentials?: boolean;
  };
}

function parse(path: string, text: string): SettingsFile {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Lays app settings under the environment: a variable that is set already wins, and `warn` hears of it. */
export function mergeEnvironment(
  env: NodeJS.ProcessEnv,
  values: Readonly<Record<string, string>>,
  warn: (message: string) => void,
): NodeJS.ProcessEnv {
  const merged: NodeJS.ProcessEnv = { ...env };
  for (const [name, value] of Object.entries(values)) {
    if (env[name] === undefined) merged[name] = value;
    else if (env[name] !== value) {
      warn(`Skipping '${name}' from local settings as it's already defined in current environment variables.`);
    }
  }
  return merged;
}
