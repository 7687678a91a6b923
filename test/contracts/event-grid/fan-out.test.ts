/** A bad day: answers get lost, events overtake each other, and still each subscriber has each event. */
import { expect, test } from 'vitest';
import { cloudEvents, faults, grid, hooked, landed } from './fixture.ts';
import type { Notification } from './webhook.ts';

const service = 'event-grid';
const count = 1000;

function idsOf(got: readonly Notification[]): string[] {
  return got.flatMap(({ events }) => events.map(({ id }) => id));
}

test('a thousand events reach three subscribers, a fifth of them twice and in any order', async () => {
  const hooks = [await hooked(), await hooked(), await hooked()];
  const subscriptions = hooks.map(({ url }, at) => ({ name: `landed-${at}`, topic: 'cloudevents', webhookUrl: url }));
  const always = { service, operation: 'DELIVER *', times: Infinity };
  const lost = faults.add({ ...always, phase: 'after', action: { kind: 'reset' }, share: 0.2 });
  const late = faults.add({ ...always, action: { kind: 'delay', ms: 30 }, share: 0.1 });
  faults.add({ ...always, action: { kind: 'delay', ms: 5 }, share: 0.3 });
  const server = await grid(subscriptions);
  const published = Array.from({ length: count }, (_, at) => String(at));
  for (let from = 0; from < count; from += 100) {
    await cloudEvents(server).send(published.slice(from, from + 100).map(id => landed(id)));
  }
  for (const hook of hooks) await hook.until(got => got.length > count && new Set(idsOf(got)).size === count);
  for (const hook of hooks) {
    const ids = idsOf(hook.got);
    const firsts = [...new Set(ids)];
    expect(firsts.toSorted()).toEqual(published.toSorted());
    expect(ids.length).toBeGreaterThan(count);
    expect(firsts).not.toEqual(published);
  }
  expect(lost.fired).toBeGreaterThan(count / 2);
  expect(late.fired).toBeGreaterThan(count / 10);
});
