import { ConfigError } from './errors.js';
import type { opsFields } from './fields.js';
import type { Listen } from './listen.js';
import type { Resolved } from './resolve.js';
import { readSettingsFile } from './settings-file.js';

/** The address at which a process serves metrics and probes, and the token that it requires. */
export interface OpsConfig {
  listen: Listen;
  /** Text that `/metrics` asks for; absent: none. */
  token?: string;
  /** URL at which others reach it; absent: it follows from the address. */
  advertise?: string;
  /** `/metrics` needs no token beyond loopback either. */
  insecure: boolean;
}

/** `null`: nothing is served. Reads the file of the token. Throws `ConfigError`. */
export function toOpsConfig({ values, nameOf }: Resolved<typeof opsFields>): OpsConfig | null {
  const { opsListen: listen, opsTokenFile: file, opsAdvertise: advertise, opsInsecure: insecure = false } = values;
  const more = { insecure, ...(advertise === undefined ? {} : { advertise }) };
  if (listen === undefined) {
    const [useless] = (['opsTokenFile', 'opsInsecure', 'opsAdvertise'] as const).filter(
      (name) => values[name] !== undefined,
    );
    if (useless === undefined) return null;
    throw new ConfigError([`${nameOf(useless)} has no effect without --ops-listen`]);
  }
  if (file === undefined) return { listen, ...more };
  const token = readSettingsFile(file, nameOf('opsTokenFile')).trim();
  if (!/^[\x21-\x7e]{16,}$/.test(token)) {
    throw new ConfigError([`${nameOf('opsTokenFile')}: ${file}: expected a token of 16 or more visible characters`]);
  }
  return { listen, token, ...more };
}
