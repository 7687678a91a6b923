/** Users from SQL Server to bronze CSV, as the app does it. Arguments: connection, lake URL, rows (0 for all). */
import { storageAccount } from '../../local/settings.ts';
import { lakeClient } from '../../shared/azure/lake-client.ts';
import { azureLakeStore } from '../../shared/azure/lake-store.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { extractTable } from '../../shared/sources/mssql/extract-table.ts';
import { wholeTable } from '../../shared/sources/mssql/window.ts';
import { peakMemoryMiB } from '../peak-memory.ts';

const [connection = '', lakeUrl = '', rows = '0'] = process.argv.slice(2);
const users = youflixTables.find(({ name }) => name === 'users');
if (!users) throw new Error('the catalog has no users');
const store = azureLakeStore(await lakeClient({ url: lakeUrl, accountKey: storageAccount.key }));
const keys = { from: null, to: rows === '0' ? null : String(Number(rows) + 1) };
const startedMs = performance.now();
const file = await extractTable(
  users,
  { path: 'bronze/bench/users.csv', window: wholeTable, keys },
  { store, connection },
);
const seconds = (performance.now() - startedMs) / 1000;
process.stdout.write(`${JSON.stringify({ rows: file.rows, seconds, peakMiB: peakMemoryMiB() })}\n`);
