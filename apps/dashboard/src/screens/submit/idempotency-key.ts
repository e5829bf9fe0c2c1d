/**
 * A UUID of version 7: it begins with the time, as the API wants keys of requests that may be repeated. `random`: 10
 * bytes.
 */
export function uuidV7(at: number, random: Uint8Array): string {
  const time = at.toString(16).padStart(12, '0');
  const rest = [...random.slice(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = (8 + (parseInt(rest[4] ?? '0', 16) % 4)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${rest.slice(1, 4)}-${variant}${rest.slice(5, 8)}-${rest.slice(8, 20)}`;
}
