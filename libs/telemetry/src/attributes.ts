import { type Tracer, type TracerProvider, trace as traces } from '@opentelemetry/api';

/** OpenTelemetry's conventions for messaging, as of this version. */
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.44.0';
const SCOPE = '@drover/telemetry';
const VERSION = '0.1.0';

/** `provider`: default: the one that the program has registered. */
export function tracerOf(provider: TracerProvider = traces.getTracerProvider()): Tracer {
  return provider.getTracer(SCOPE, VERSION, { schemaUrl: SCHEMA_URL });
}

export const ATTRIBUTES = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  operation: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  messageId: 'messaging.message.id',
  messageCount: 'messaging.batch.message_count',
  clientId: 'messaging.client.id',
  errorType: 'error.type',
  server: 'server.address',
  batch: 'drover.batch.id',
  type: 'drover.task.type',
  attempt: 'drover.task.attempt',
  outcome: 'drover.task.outcome',
  assignment: 'drover.assignment.id',
  fencingToken: 'drover.fencing_token',
  /** From the arrival at the worker to the start. */
  workerWait: 'drover.worker.wait_ms',
  /** From the submit to the start. */
  age: 'drover.task.age_ms',
  reportEnd: 'drover.report.end',
  epoch: 'drover.epoch',
  assignments: 'drover.assignments',
  /** Tasks that were not written, since another one has their key. */
  taken: 'drover.submit.taken',
} as const;

/** Of every span about a queue. */
export const messaging = (queue: string, operation: string, type: string): Record<string, string> => ({
  [ATTRIBUTES.system]: 'drover',
  [ATTRIBUTES.destination]: queue,
  [ATTRIBUTES.operation]: operation,
  [ATTRIBUTES.operationType]: type,
});
