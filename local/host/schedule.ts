import { Cron } from 'croner';

/** When a timer fires next, strictly after `after`; undefined when never again. */
export type Schedule = (after: Date) => Date | undefined;

/** What NCRONTAB has; the cron library knows more, such as `L` and `#`. */
const cronField = /^(?:[\d*,/-]|[a-z]{3,})+$/i;
const timeSpan = /^(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/**
 * Reads a timer's schedule: NCRONTAB with six fields (`second minute hour day month weekday`) or five (no seconds), or a TimeSpan
 * (`[d.]hh:mm[:ss]`), which counts from the start. A day must fit both its day and its weekday field, as in NCrontab.
 *
 * @throws Error for a text that is neither.
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const expression = text.trim();
  const span = timeSpan.exec(expression);
  if (span) return every(span, text);
  const fields = expression.split(/\s+/);
  if ((fields.length !== 5 && fields.length !== 6) || !fields.every(field => cronField.test(field))) {
    throw new Error(
      `schedule "${text}": expected five or six NCRONTAB fields, such as "0 */5 * * * *", or a TimeSpan such as "00:05:00"`,
    );
  }
  const options = { domAndDow: true, ...(timeZone === undefined ? {} : { timezone: timeZone }) };
  try {
    const cron = new Cron(fields.length === 5 ? `0 ${expression}` : expression, { ...options, paused: true });
    return after => cron.nextRun(after) ?? undefined;
  } catch (error) {
    throw new Error(`schedule "${text}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function every(span: RegExpExecArray, text: string): Schedule {
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = span.slice(1).map(part => Number(part ?? 0));
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  if (ms === 0) throw new Error(`schedule "${text}": a TimeSpan must be longer than zero`);
  return after => new Date(after.getTime() + ms);
}
