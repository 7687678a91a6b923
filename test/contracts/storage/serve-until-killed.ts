/** A storage stand-in in a process of its own, to be killed. Arguments: its folder, its account as JSON. Prints its URL. */
import { startStorage } from '../../../local/servers/storage/server.ts';

const [root = '', account = ''] = process.argv.slice(2);
const { url } = await startStorage({ port: 0, root, accounts: [JSON.parse(account)], fileSystems: ['bronze'] });
process.stdout.write(`${url}\n`);
