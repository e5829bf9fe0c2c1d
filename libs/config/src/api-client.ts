import { text, choice, textThat, type Field } from './field.js';

export const ROUTES_TO_DROVER = ['zk', 'api'] as const;
/** The way by which a command asks: `zk`, a session with ZooKeeper; `api`, the HTTP API of a scheduler. */
export type Via = (typeof ROUTES_TO_DROVER)[number];

const anyPath = /^[^\0]+$/;

/** `http(s)://host[:port][/base-path]`, without credentials, query or fragment. */
function isApiUrl(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, username, password, search, hash } = new URL(given);
  return ['http:', 'https:'].includes(protocol) && [username, password, search, hash].every((part) => part === '');
}

/** Settings of commands that may ask the API. */
export const apiClientFields = {
  api: textThat('a URL such as https://drover.internal:7373', isApiUrl, {
    describe: 'URL of the API of a scheduler, instead of ZooKeeper',
  }),
  via: choice(ROUTES_TO_DROVER, {
    describe: 'Ask ZooKeeper (zk) or the API of a scheduler (api); without it the address that is given decides',
  }),
  tokenFile: text('the path of a file', anyPath, { describe: 'File with the token for the API' }),
  tokenCommand: text('a command', anyPath, { describe: 'Command that prints the token for the API' }),
  tlsCaFile: text('the path of a file', anyPath, {
    describe: "PEM file of the certificate authorities to trust for the API (default: Node's own)",
  }),
} satisfies Record<string, Field>;
