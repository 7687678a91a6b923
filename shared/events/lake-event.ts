/**
 * What the lake tells the world, as a CloudEvent of version 1.0 (github.com/cloudevents/spec, "CloudEvents - Version 1.0.2"). Plain
 * JSON: it is kept in the outbox as it is sent.
 */
export interface LakeEvent<T = Readonly<Record<string, unknown>>> {
  readonly specversion: '1.0';
  /** Unique together with the source; the same each time the event is sent. */
  readonly id: string;
  /** What happened, with the version of its data, such as `youflix.tmdb.list-landed.v1`. */
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  /** ISO 8601, UTC: when it happened. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Extension attribute. ISO 8601, UTC: when it was handed to the topic, this time. */
  readonly sentat?: string;
  readonly data: T;
}

/** Where events go. */
export interface EventPublisher {
  /**
   * Hands an event over; when this returns, whoever distributes it has it. Sending one twice is allowed: its id stays the same.
   * @throws LakeError: transient when a later try may succeed, permanent when this event never will be taken
   */
  publish(event: LakeEvent): Promise<void>;
}
