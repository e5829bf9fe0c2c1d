const LONGEST = 300;
const IDS = [
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\b[0-9A-HJKMNP-TV-Z]{26}(?:\.\d+)?\b/g,
  /\b0x[0-9a-f]+\b/gi,
  /\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi,
];

/** The message of an error with numbers and ids left out, so that the same failure of many tasks is one group. Pure. */
export function normalise(message: string): string {
  let text = message.slice(0, 2 * LONGEST);
  for (const pattern of IDS) text = text.replace(pattern, '<id>');
  text = text
    .replace(/\d+(?:[.,]\d+)*/g, '<n>')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
