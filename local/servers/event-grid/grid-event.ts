/** An event in the Event Grid schema. Source: "Azure Event Grid event schema". */
export interface GridEvent {
  readonly id: string;
  /** Resource id of what raised it. */
  readonly topic: string;
  readonly subject: string;
  readonly eventType: string;
  /** ISO 8601, UTC. */
  readonly eventTime: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly dataVersion: string;
  readonly metadataVersion: string;
}
