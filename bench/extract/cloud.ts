/** A storage account and a seeded database on any free ports, until the input closes. Arguments: folder, scale. */

import { once } from 'node:events';
import { join } from 'node:path';
import type { Scale } from '../../local/scenarios/scenario.ts';
import { createEngine } from '../../local/servers/sqlserver/engine.ts';
import { startSqlServer } from '../../local/servers/sqlserver/server.ts';
import { startStorage } from '../../local/servers/storage/server.ts';
import { connectionString, database, fileSystems, storageAccount } from '../../local/settings.ts';
import { seedDatabase } from '../../local/youflix/seed.ts';

const [folder = '.', scale = 'small'] = process.argv.slice(2);
const storage = await startStorage({ port: 0, root: join(folder, 'lake'), accounts: [storageAccount], fileSystems });
const engine = await createEngine({
  file: join(folder, 'youflix.duckdb'),
  databaseName: database.name,
  logins: [{ user: database.user, password: database.password }],
});
const server = await startSqlServer({ port: 0, engine });
const connection = connectionString(server.port).replace('Encrypt=true', 'Encrypt=false');
await seedDatabase({ connection, scale: scale as Scale, seed: 1 });
process.stdout.write(`${JSON.stringify({ connection, lakeUrl: `${storage.url}/${storageAccount.name}` })}\n`);

process.stdin.resume();
await once(process.stdin, 'end');
await server.close();
await engine.close();
await storage.close();
