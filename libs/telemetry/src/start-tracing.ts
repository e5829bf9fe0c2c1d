import type { TracerProvider } from '@opentelemetry/api';
import { DroverError } from '@drover/core';
import { messageOf } from '@drover/runtime';

/** Thrown when `--otlp-endpoint` is given and OpenTelemetry's packages are not installed. */
export class TracingUnavailableError extends DroverError {
  override readonly name = 'TracingUnavailableError';
  override readonly category = 'usage';
}

export interface TracingOptions {
  /** Base URL of an OTLP receiver over HTTP: spans go to `/v1/traces` below it. */
  endpoint: string;
  /** `drover-worker` and the like. */
  service: string;
  /** Of the process among those of its service. */
  name: string;
  version: string;
  /** Called with the reason when spans could not be delivered. */
  onFailed: (reason: string) => void;
}

/** Spans on their way to a receiver. */
export interface Tracing {
  readonly provider: TracerProvider;
  /** Sends what is left. Never rejects. */
  readonly close: () => Promise<void>;
}

/** Loads OpenTelemetry's SDK and sends every span to the endpoint. Rejects with `TracingUnavailableError`. */
export async function startTracing({ endpoint, service, name, version, onFailed }: TracingOptions): Promise<Tracing> {
  const { sdk, exporters, resources } = await load();
  const exporter = new exporters.OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new sdk.BasicTracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'service.instance.id': name,
    }),
    // Whether a task is traced was decided before a span is begun.
    sampler: new sdk.AlwaysOnSampler(),
    spanProcessors: [new sdk.BatchSpanProcessor(telling(exporter, onFailed))],
  });
  const close = (): Promise<void> => provider.shutdown().catch((error: unknown) => onFailed(messageOf(error)));
  return { provider, close };
}

type Exporter = InstanceType<Awaited<ReturnType<typeof load>>['exporters']['OTLPTraceExporter']>;

/** The same exporter, which tells why it failed. */
function telling(exporter: Exporter, onFailed: (reason: string) => void): Exporter {
  const send = exporter.export.bind(exporter);
  exporter.export = (spans, done) =>
    send(spans, (result) => {
      if (result.error !== undefined) onFailed(result.error.message);
      done(result);
    });
  return exporter;
}

/** In a bundle, what a CommonJS module exports is below `default`. */
const namesOf = <Module extends object>(module: Module): Module =>
  Object.keys(module).length === 1 && 'default' in module ? (module.default as Module) : module;

async function load() {
  try {
    const [sdk, exporters, resources] = await Promise.all([
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    return { sdk: namesOf(sdk), exporters: namesOf(exporters), resources: namesOf(resources) };
  } catch (cause) {
    throw new TracingUnavailableError(
      'otlp-endpoint: OpenTelemetry is not installed; ' +
        'npm install @opentelemetry/sdk-trace-base @opentelemetry/exporter-trace-otlp-http @opentelemetry/resources',
      { cause },
    );
  }
}
