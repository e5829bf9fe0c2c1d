// The package as a whole would bring the schemas of the API into this thread.
import { QUESTIONS, type FromApi, type QuestionName } from '@drover/api/questions';

/**
 * Pure. A message of the API's thread; null: it is none. Only its frame is looked at: a question that makes no sense is
 * answered with a failure.
 */
export function readFromApi(message: unknown): FromApi | null {
  if (typeof message !== 'object' || message === null) return null;
  const { kind, id, name, ask, url, message: text } = message as Partial<Record<string, unknown>>;
  switch (kind) {
    case 'ask':
      if (typeof id !== 'number' || typeof name !== 'string' || !Object.hasOwn(QUESTIONS, name)) return null;
      return { kind, id, name: name as QuestionName, ask };
    case 'listening':
      return typeof url === 'string' ? { kind, url } : null;
    case 'cannot-listen':
      return typeof text === 'string' ? { kind, message: text } : null;
    case 'follow':
      return { kind };
    default:
      return null;
  }
}
