/** The TMDB stand-in, in a process of its own. Argument: the share of answers that are 429. */
import { FaultTable } from '../../local/faults.ts';
import { startTmdb } from '../../local/servers/tmdb/server.ts';

const share = Number(process.argv[2]);
const storm = { kind: 'status', status: 429 } as const;
const faults = new FaultTable([
  { service: 'tmdb', operation: '*', action: storm, share, times: Number.POSITIVE_INFINITY },
]);
const token = 'bench';
const server = await startTmdb({ port: 0, token, seed: 1, titles: 10_000, requestsPerSecond: 40, faults });
process.stdout.write(`${JSON.stringify({ url: server.url, token })}\n`);
process.stdin.resume().on('end', () => void server.close());
