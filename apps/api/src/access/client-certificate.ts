import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** The names in the certificate that the caller showed and the authorities vouch for; empty: there is none. */
export function certificateNames(socket: Socket): string[] {
  // With HTTP/2 it is a stand-in for the socket, of no class.
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  if (authorized !== true || getPeerCertificate === undefined) return [];
  const { subject, subjectaltname } = getPeerCertificate.call(socket) as PeerNames;
  const common = subject?.CN === undefined ? [] : [subject.CN].flat();
  return [...common.map((name) => `CN:${name}`), ...splitAltNames(subjectaltname ?? '')];
}

interface PeerNames {
  subject?: { CN?: string | string[] };
  subjectaltname?: string;
}

const KINDS: Readonly<Record<string, string>> = { DNS: 'DNS', URI: 'URI', email: 'email', 'IP Address': 'IP' };

/**
 * `DNS:a.example.com, URI:spiffe://b` as Node writes it. A value with a comma or a quote is written in quotes, as JSON;
 * names that are not of the kinds above give nothing.
 */
export function splitAltNames(text: string): string[] {
  const names: string[] = [];
  for (const [, kind = '', quoted, plain] of text.matchAll(
    /(?:^|, )([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))(?=, |$)/g,
  )) {
    const known = KINDS[kind];
    if (known !== undefined) names.push(`${known}:${quoted === undefined ? (plain ?? '') : unquoted(quoted)}`);
  }
  return names;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}
