import type { Opening } from '@drover/coordination';

/** Something that works but is probably a mistake. */
export interface ClientWarning {
  /**
   * NEVER_LED: tasks and commands are accepted, but no scheduler ever led there. ROOT_OPEN: the client's credentials
   * protect nothing.
   */
  code: 'NEVER_LED' | 'ROOT_OPEN';
  message: string;
}

export function neverLed(connect: string): ClientWarning {
  return {
    code: 'NEVER_LED',
    message: `no scheduler has ever led at ${connect}: tasks submitted there wait until one does; check the address`,
  };
}

/** The client's warning about something that is open to others; `null`: schedulers and workers warn of it. */
export function warningOf({ code, message }: Opening): ClientWarning | null {
  return code === 'root-open-despite-credentials' ? { code: 'ROOT_OPEN', message } : null;
}

/** The default of `onWarning`. */
export function emitWarning({ code, message }: ClientWarning): void {
  process.emitWarning(message, { type: 'DroverWarning', code });
}
