import { MetadataError, type Ask } from './metadata.js';

/** The cloud takes the instance away. */
export interface SpotNotice {
  /** Milliseconds since 1970 when the instance ends. */
  until: number;
}

export const CLOUDS = ['aws', 'gcp', 'azure'] as const;
export type Cloud = (typeof CLOUDS)[number];

/** How a cloud tells its instances that they are taken away. */
interface CloudMetadata {
  /** The URL of the service, from inside of an instance. */
  base: string;
  /** `null`: nothing is announced. Rejects where the service cannot be reached, and with `MetadataError`. */
  look(ask: Ask, now: number): Promise<SpotNotice | null>;
}

/** Google tells that it ends an instance thirty seconds before it does. */
const GCP_NOTICE_MS = 30_000;
const AZURE_ENDS: readonly unknown[] = ['Preempt', 'Terminate'];

export const CLOUD_METADATA: Readonly<Record<Cloud, CloudMetadata>> = {
  aws: {
    base: 'http://169.254.169.254',
    async look(ask) {
      const token = await ask('/latest/api/token', {
        method: 'PUT',
        headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
      });
      const headers = token === null ? {} : { 'x-aws-ec2-metadata-token': token };
      const text = await ask('/latest/meta-data/spot/instance-action', { headers });
      return text === null ? null : { until: timeOf(parsed(text).time) };
    },
  },
  gcp: {
    base: 'http://metadata.google.internal',
    async look(ask, now) {
      const text = await ask('/computeMetadata/v1/instance/preempted', { headers: { 'metadata-flavor': 'Google' } });
      return text?.trim().toUpperCase() === 'TRUE' ? { until: now + GCP_NOTICE_MS } : null;
    },
  },
  azure: {
    base: 'http://169.254.169.254',
    async look(ask, now) {
      const headers = { metadata: 'true' };
      const own = await ask('/metadata/instance/compute/name?api-version=2021-02-01&format=text', { headers });
      const text = await ask('/metadata/scheduledevents?api-version=2020-07-01', { headers });
      const { Events: events } = text === null ? {} : parsed(text);
      const found = Array.isArray(events) ? (events as unknown[]).map(fieldsOf) : [];
      // Events of all machines of a group are told to each of them.
      const end = found.find(
        ({ EventType: type, Resources: of }) =>
          AZURE_ENDS.includes(type) && (own === null || !Array.isArray(of) || of.includes(own.trim())),
      );
      if (end === undefined) return null;
      // Without a time it has begun already.
      const { NotBefore: from } = end;
      return { until: from === undefined || from === '' ? now : timeOf(from) };
    },
  },
};

function parsed(text: string): Record<string, unknown> {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    throw new MetadataError('expected JSON of the metadata service');
  }
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) throw new MetadataError('expected a time of the metadata service');
  return time;
}
