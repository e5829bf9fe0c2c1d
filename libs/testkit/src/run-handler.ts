import type { TypesOf } from '@drover/client';
import {
  runHandler as run,
  type HandlerRun,
  type Handlers,
  type RunHandlerOptions,
  type TaskTypes,
} from '@drover/worker';

/**
 * Runs one handler alone, in this thread, as a worker would: payload and result pass through JSON, and the payload through
 * the handler's schema. Rejects with what the handler threw, with `InvalidPayloadError` for a payload that does not fit its
 * schema, with `InvalidArgumentError` for a type without a handler, and with a `TypeError` for handlers that are none or a
 * result that JSON cannot carry. `payload` and the result have the types that `submit` of a typed client has.
 */
export async function runHandler<Given extends object, Type extends keyof Given & string>(
  handlers: Given,
  type: Type,
  payload: TypesOf<Given>[Type][0],
  options: RunHandlerOptions = {},
): Promise<HandlerRun<TypesOf<Given>[Type][1]>> {
  const { result, ...said } = await run(handlers as Handlers<TaskTypes>, type, payload, options);
  return { ...said, result: result as TypesOf<Given>[Type][1] };
}
