/** Groups of `--help`, in the order in which they are shown. */
export const OWN = 'Options:';
export const GENERAL = 'General:';
export const CONNECTION = 'Connection:';

export const JSON_TEXT = 'Print JSON: one document, or one per line for lists';
