import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The release that is downloaded when this machine has none.
 *
 * It is checked against the SHA-512 that Apache publishes beside it. Apache's rule for its mirrors is kept: the archive
 * may come from the content network, the checksum only from Apache's own servers, over TLS. There is no constant in the
 * code on purpose: one could only be copied from there, and another version would need another one.
 */
const PINNED = 'apache-zookeeper-3.9.4-bin';
const PINNED_PATH = `zookeeper/zookeeper-3.9.4/${PINNED}.tar.gz`;

/** An archive and where its SHA-512 is published; both are web addresses or absolute paths. */
export interface ReleaseAddress {
  readonly archive: string;
  readonly checksum: string;
  /** A file that the user named on this disk is trusted without a checksum beside it. */
  readonly checksumRequired: boolean;
}

export interface Release {
  /** The name of the folder that it is unpacked to. */
  readonly name: string;
  /** The addresses, which are tried in this order. */
  readonly addresses: readonly ReleaseAddress[];
}

/** The release that `DROVER_ZK_DIST` (a web address or the path of an archive) names, or the pinned one of Apache. */
export function releaseFor(distribution: string | undefined): Release {
  if (!distribution) return { name: PINNED, addresses: apacheAddresses() };
  const isWeb = isWebAddress(distribution);
  const archive = distribution.startsWith('file:') ? fileURLToPath(distribution) : distribution;
  return {
    name: basename(isWeb ? new URL(archive).pathname : archive).replace(/\.(tar\.gz|tgz|tar)$/, ''),
    addresses: [{ archive, checksum: `${archive}.sha512`, checksumRequired: isWeb }],
  };
}

function apacheAddresses(): ReleaseAddress[] {
  const archived = `https://archive.apache.org/dist/${PINNED_PATH}`;
  return [
    // Only the newest releases are here; older ones answer 404 and remain in the archive.
    {
      archive: `https://dlcdn.apache.org/${PINNED_PATH}`,
      checksum: `https://downloads.apache.org/${PINNED_PATH}.sha512`,
      checksumRequired: true,
    },
    { archive: archived, checksum: `${archived}.sha512`, checksumRequired: true },
  ];
}

export function isWebAddress(address: string): boolean {
  return /^https?:\/\//i.test(address);
}

/** The checksum in the text of a `.sha512` file, lower case; undefined when there is none. */
export function sha512In(text: string): string | undefined {
  return /(?<![0-9a-f])[0-9a-f]{128}(?![0-9a-f])/i.exec(text)?.[0].toLowerCase();
}
