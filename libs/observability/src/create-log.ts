import { fstatSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import { systemRuntime, type Runtime } from '@drover/runtime';
import type { DestinationStream, Logger, pino as Pino } from 'pino';
import { EVENTS, type EventDefinition } from './events.js';
import { logLineFormatter } from './log-line.js';
import type { EventFields, EventName, Log, LogLevel } from './log.js';
import { StderrLines } from './stderr-lines.js';
import { presentFields, type PresentOptions } from './presentable.js';

// pino is loaded when a log is created, not with this module: a short command that logs nothing starts faster.
const require = createRequire(import.meta.url);
const STDERR = 2;

export interface CreateLogOptions {
  /** Lines below it are not written; default `info`. */
  level?: LogLevel;
  /** Lines for people instead of JSON; default: whether stderr is a terminal. */
  pretty?: boolean;
  /** Only with `pretty`; default: unless `NO_COLOR` is set. */
  colors?: boolean;
  /** Stack traces of errors; default: in JSON yes, for people no. */
  stacks?: boolean;
  /** Show fields with data that users submit; default false. */
  payloads?: boolean;
  /** Fields of every line, such as the role and the id of the process. */
  fields?: Record<string, unknown>;
  /** The destination of lines instead of stderr. */
  write?: (line: string) => void;
  runtime?: Runtime;
}

/** A log that writes to stderr: JSON lines, or lines for people on a terminal. A process needs only one. */
export function createLog(options: CreateLogOptions = {}): Log {
  const pretty = options.pretty ?? (options.write === undefined && isatty(STDERR));
  const logger = createLogger(options, pretty);
  const present = { stacks: options.stacks ?? !pretty, payloads: options.payloads ?? false };
  return new PinoLog(logger, present).with(options.fields ?? {});
}

class PinoLog implements Log {
  readonly #logger: Logger;
  readonly #present: PresentOptions;

  constructor(logger: Logger, present: PresentOptions) {
    this.#logger = logger;
    this.#present = present;
  }

  event<Name extends EventName>(name: Name, fields: EventFields<Name>): void {
    const { level, text, says, always }: EventDefinition = EVENTS[name];
    const logger = always === true ? this.#atLeast(level) : this.#logger;
    if (!logger.isLevelEnabled(level)) return;
    const { [says ?? '']: message, ...rest } = presentFields(listed(name, fields), this.#present);
    logger[level]({ event: name, ...rest }, typeof message === 'string' ? message : text);
  }

  /** The same log, which writes lines of this level too; but one that is silent stays so. */
  #atLeast(level: EventDefinition['level']): Logger {
    const writes = this.#logger.level === 'silent' || this.#logger.isLevelEnabled(level);
    return writes ? this.#logger : this.#logger.child({}, { level });
  }

  with(fields: Record<string, unknown>): Log {
    return new PinoLog(this.#logger.child(presentFields(fields, this.#present)), this.#present);
  }
}

/** Only the fields that the table lists for the event; any other field of the object is left out. */
function listed(name: EventName, fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(EVENTS[name].fields.map((field) => [field, fields[field]]));
}

function createLogger(options: CreateLogOptions, pretty: boolean): Logger {
  const { pino } = require('pino') as { pino: typeof Pino };
  const { level = 'info', runtime = systemRuntime } = options;
  const settings = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date(runtime.now()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const { write } = options;
  if (pretty) return pino(settings, prettyStream(options));
  if (write !== undefined) return pino(settings, { write });
  // Writing to a file never blocks for long: pino writes many lines at once, and the rest when the process exits.
  if (isFile(STDERR)) return pino(settings, pino.destination({ fd: STDERR, sync: false }));
  const lines = new StderrLines(process.stderr, (dropped) => tellDropped(logger, dropped));
  const logger: Logger = pino(settings, { write: (line) => lines.write(line) });
  return logger;
}

function tellDropped(logger: Logger, lines: number): void {
  const event = 'log.dropped' satisfies EventName;
  logger[EVENTS[event].level]({ event, lines }, EVENTS[event].text);
}

/** Works for every kind of stderr, also a closed one. */
function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

function prettyStream(options: CreateLogOptions): DestinationStream {
  const format = logLineFormatter({ colors: options.colors ?? process.env.NO_COLOR === undefined });
  const lines = options.write === undefined ? new StderrLines(process.stderr) : null;
  const write = options.write ?? ((text: string) => lines?.write(text));
  return {
    write: (line) => {
      write(format(line));
    },
  };
}
