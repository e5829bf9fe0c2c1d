import { ConfigError } from './errors.js';
import { choice, ratio, textThat, toggle, type Field } from './field.js';
import type { Values } from './resolve.js';

const TRACE_MODES = ['link', 'parent'] as const;

/** Of every process that makes spans. */
export const otlpFields = {
  otlpEndpoint: textThat('an http: or https: URL, as http://127.0.0.1:4318', isHttpUrl, {
    describe: 'OTLP receiver (over HTTP) for spans, e.g. http://127.0.0.1:4318 (default: none)',
  }),
} satisfies Record<string, Field>;

/** Of processes that decide which tasks are traced. */
export const samplingFields = {
  ...otlpFields,
  traceRatio: ratio({
    describe: 'Share of the tasks to trace whose submitter is in no trace, from 0 to 1',
    default: '0',
  }),
} satisfies Record<string, Field>;

/** Of workers. */
export const attemptFields = {
  ...samplingFields,
  traceMode: choice(TRACE_MODES, {
    describe:
      'How the span of an attempt belongs to the submit: link (a trace of its own, with a link) or parent (its child)',
    default: 'link',
  }),
  traceErrors: toggle({ describe: 'Make a span of every attempt that fails, also of tasks that are not traced' }),
} satisfies Record<string, Field>;

function isHttpUrl(given: string): boolean {
  return URL.canParse(given) && /^https?:$/.test(new URL(given).protocol);
}

/** Which tasks are traced, and where their spans go. */
export interface TracingConfig {
  endpoint: string;
  ratio: number;
  mode: (typeof TRACE_MODES)[number];
  errors: boolean;
}

/** The settings of a process that has some of them. */
interface Given {
  values: Values<typeof attemptFields>;
  /** It knows those that were given. */
  nameOf: (field: never) => string;
}

/** `null`: nothing is traced. Throws `ConfigError` for settings that then have no effect. */
export function toTracingConfig({ values, nameOf }: Given): TracingConfig | null {
  const {
    otlpEndpoint: endpoint,
    traceRatio: ratio = 0,
    traceMode: mode = 'link',
    traceErrors: errors = false,
  } = values;
  if (endpoint !== undefined) return { endpoint, ratio, mode, errors };
  const asked = { traceRatio: ratio > 0, traceMode: mode !== 'link', traceErrors: errors };
  const [useless] = (['traceRatio', 'traceMode', 'traceErrors'] as const).filter((name) => asked[name]);
  if (useless === undefined) return null;
  throw new ConfigError([`${nameOf(useless as never)} has no effect without --otlp-endpoint`]);
}
