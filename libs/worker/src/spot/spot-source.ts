import { InvalidArgumentError } from '@drover/core';
import { CLOUD_METADATA, CLOUDS, type Cloud } from './clouds.js';

/** The metadata service that a worker asks whether its instance is taken away. */
export interface SpotSource {
  cloud: Cloud;
  /** An http: URL. */
  base: string;
}

const EXPECTED =
  'aws, gcp or azure, such a name with the URL of its metadata service (azure=http://127.0.0.1:8080), or a URL alone, whose service answers as that of aws';

/** `aws`, `azure=http://127.0.0.1:8080`, `http://127.0.0.1:8080`. Throws `InvalidArgumentError`. */
export function parseSpot(argument: string, given: unknown): SpotSource {
  const text = typeof given === 'string' ? given.trim() : '';
  const named = CLOUDS.find((cloud) => text === cloud || text.startsWith(`${cloud}=`));
  const base = named === undefined ? text : text.slice(named.length + 1);
  const cloud = named ?? 'aws';
  if (named === text) return { cloud, base: CLOUD_METADATA[cloud].base };
  if (/^https?:\/\/[^/\s?#]+\/?$/.test(base) && URL.canParse(base)) return { cloud, base: new URL(base).origin };
  throw new InvalidArgumentError(argument, given, EXPECTED);
}
