import type { Devices } from '../run/resources.js';

/**
 * `DROVER_DEVICES_GPU=0,3` for each resource with devices. `tellsCuda`: and `CUDA_VISIBLE_DEVICES`, empty for a task that
 * has none, so that its program sees none.
 */
export function variablesOf(devices: Devices, tellsCuda: boolean): Record<string, string> {
  const variables = Object.entries(devices).map(([name, names]) => [
    `DROVER_DEVICES_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`,
    names.join(','),
  ]);
  const cuda = tellsCuda ? { CUDA_VISIBLE_DEVICES: (devices.gpu ?? []).join(',') } : {};
  return { ...(Object.fromEntries(variables) as Record<string, string>), ...cuda };
}
