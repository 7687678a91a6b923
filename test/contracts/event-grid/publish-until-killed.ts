/** A process that publishes events and is killed: `node publish-until-killed.ts FOLDER WEBHOOK COUNT`. */
import { startEventGrid } from '../../../local/servers/event-grid/event-grid.ts';
import { makeEvent } from './webhook.ts';

const [folder = '', webhookUrl = '', count = ''] = process.argv.slice(2);
const server = await startEventGrid({ folder, subscriptions: [{ name: 'imdb-landed', topic: 'drop', webhookUrl }] });
for (let at = 0; at < Number(count); at++) server.publish(makeEvent(String(at)));
process.kill(process.pid, 'SIGKILL');
