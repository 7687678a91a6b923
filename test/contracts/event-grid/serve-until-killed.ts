/** A process that takes events and is killed before it delivers one: `node serve-until-killed.ts FOLDER`. Prints its address. */
import { startEventGrid } from '../../../local/servers/event-grid/event-grid.ts';

const [folder = ''] = process.argv.slice(2);
const keys = [Buffer.alloc(32, 1).toString('base64')];
const { url } = await startEventGrid({
  folder,
  topics: [{ name: 'cloudevents', keys, schema: 'cloudevents' }],
  // Port 9 takes nothing.
  subscriptions: [{ name: 'imdb-landed', topic: 'cloudevents', webhookUrl: 'http://127.0.0.1:9/' }],
});
process.stdout.write(url);
