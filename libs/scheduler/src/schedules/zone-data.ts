import type { ZoneData } from '@drover/schedules';

/** Those of this process. */
export const OWN_ZONE_DATA: ZoneData = { version: process.versions.tz ?? 'unknown' };
