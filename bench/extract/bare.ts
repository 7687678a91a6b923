/** The anchor: the driver reads the same rows of the same query and throws them away. Arguments: connection, rows (0 for all). */
import sql from 'mssql';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { exactExpression } from '../../shared/sources/mssql/column-types.ts';
import { peakMemoryMiB } from '../peak-memory.ts';

const [connection = '', rows = '0'] = process.argv.slice(2);
const users = youflixTables.find(({ name }) => name === 'users');
if (!users) throw new Error('the catalog has no users');
const pool = await sql.connect(connection);
const request = pool.request();
request.stream = true;
request.arrayRowMode = true;
let seen = 0;
request.on('row', () => {
  seen += 1;
});
const startedMs = performance.now();
const where = rows === '0' ? '' : ` WHERE user_id < ${Number(rows) + 1}`;
await new Promise((resolve, reject) => {
  request.on('error', reject);
  request.on('done', resolve);
  request.query(`SELECT ${users.columns.map(exactExpression).join(', ')} FROM dbo.users${where}`);
});
const seconds = (performance.now() - startedMs) / 1000;
await pool.close();
process.stdout.write(`${JSON.stringify({ rows: seen, seconds, peakMiB: peakMemoryMiB() })}\n`);
