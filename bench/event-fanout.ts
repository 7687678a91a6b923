/** From the event to what it brings about: one list in silver, and a thousand events at three subscribers on a bad day. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Measurement, median } from './claim.ts';
import { secondsToSilver } from './event-fanout/silver.ts';
import { deliver, type FanOut, post } from './event-fanout/subscribers.ts';

export const name = 'event-fanout';
export const goal =
  'from the published event to silver in at most 2 s; 1,000 events at 3 subscribers, a fifth of them twice and in any order: none lost';

const landings = 20;
const mostSeconds = 2;
const bad: FanOut = { events: 1000, subscribers: 3, doubled: 0.2, late: 0.3 };

export async function run(): Promise<readonly Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'event-fanout-'));
  try {
    return [await toSilver(join(folder, 'cloud')), await toSubscribers(join(folder, 'event-grid'))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The anchor is a figure, not a program. */
async function toSilver(folder: string): Promise<Measurement> {
  const ours = median(await secondsToSilver(folder, landings));
  return {
    case: 'silver',
    ours,
    anchor: mostSeconds,
    ratio: ours / mostSeconds,
    unit: 's',
    ok: ours <= mostSeconds,
  };
}

/** The anchor posts as many events to the same webhooks and keeps none of them. */
async function toSubscribers(folder: string): Promise<Measurement> {
  const { seconds, notifications, missing } = await deliver(folder, bad);
  const ours = notifications / seconds;
  const anchor = notifications / (await post(bad.subscribers, notifications));
  return { case: 'subscribers', ours, anchor, ratio: ours / anchor, unit: 'notifications/s', ok: missing === 0 };
}
