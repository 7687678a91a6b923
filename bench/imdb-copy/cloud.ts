/** A storage stand-in with the landing account and the lake's, until the input closes. Argument: its folder. */
import { once } from 'node:events';
import { startStorage } from '../../local/servers/storage/server.ts';
import { fileSystems, landingAccount, storageAccount } from '../../local/settings.ts';

const [root = '.'] = process.argv.slice(2);
const storage = await startStorage({
  port: 0,
  root,
  accounts: [storageAccount, { ...landingAccount, fileSystems: [landingAccount.container] }],
  fileSystems,
});
process.stdout.write(`${JSON.stringify({ url: storage.url })}\n`);

process.stdin.resume();
await once(process.stdin, 'end');
await storage.close();
