import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../../local/host/schedule.ts';

const after = new Date('2026-03-15T10:20:30.500Z');

function next(schedule: string, timeZone = 'UTC'): string | undefined {
  return parseSchedule(schedule, timeZone)(after)?.toISOString();
}

describe('parseSchedule', () => {
  it.each([
    ['*/10 * * * * *', '2026-03-15T10:20:40.000Z'],
    ['0 */5 * * * *', '2026-03-15T10:25:00.000Z'],
    ['*/5 * * * *', '2026-03-15T10:25:00.000Z'],
    ['0 0 2 * * 1-5', '2026-03-16T02:00:00.000Z'],
    ['0 30 9 * JAN,DEC MON', '2026-12-07T09:30:00.000Z'],
    ['00:05:00', '2026-03-15T10:25:30.500Z'],
    ['1.00:00:01', '2026-03-16T10:20:31.500Z'],
  ])('%s', (schedule, expected) => {
    expect(next(schedule)).toBe(expected);
  });

  it('wants a day that fits both its day and its weekday', () => {
    expect(next('0 0 0 13 * FRI')).toBe('2026-11-13T00:00:00.000Z');
  });

  it('goes by the time zone it is given', () => {
    expect(next('0 0 2 * * *', 'America/New_York')).toBe('2026-03-16T06:00:00.000Z');
  });

  it('never comes on the 30th of February', () => {
    expect(next('0 0 0 30 2 *')).toBeUndefined();
  });

  it.each(['', 'daily', '* * * *', '0 0 0 L * *', '@daily', '61 * * * * *', '00:00:00'])('refuses "%s"', schedule => {
    expect(() => parseSchedule(schedule, undefined)).toThrow(`schedule "${schedule}"`);
  });
});
