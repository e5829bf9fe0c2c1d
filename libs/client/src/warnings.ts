import type { Opening } from '@drover/coordination';

/** Something that works and is probably not what was meant. */
export interface ClientWarning {
  /** NEVER_LED: tasks and commands are taken, but no scheduler ever led there. ROOT_OPEN: our credentials protect nothing. */
  code: 'NEVER_LED' | 'ROOT_OPEN';
  message: string;
}

export function neverLed(connect: string): ClientWarning {
  return {
    code: 'NEVER_LED',
    message: `no scheduler has ever led at ${connect}: tasks submitted there wait until one does; check the address`,
  };
}

/** What a client says of what is open; `null`: that is for schedulers and workers to say. */
export function warningOf({ code, message }: Opening): ClientWarning | null {
  return code === 'root-open-despite-credentials' ? { code: 'ROOT_OPEN', message } : null;
}

/** Where the caller has no wish of its own. */
export function emitWarning({ code, message }: ClientWarning): void {
  process.emitWarning(message, { type: 'DroverWarning', code });
}
