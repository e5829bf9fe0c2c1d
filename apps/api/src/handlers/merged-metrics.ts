/** Metrics that the thread of the API counts; all others are the scheduler's. */
const OF_API = /^drover_(api|audit)_/;

/** One answer to a scrape, of the texts of both threads. Pure. */
export function mergedMetrics(scheduler: string, api: string): string {
  const blocks = [
    ...blocksOf(scheduler).filter(({ name }) => !OF_API.test(name)),
    ...blocksOf(api).filter(({ name }) => OF_API.test(name)),
  ];
  return `${blocks.map(({ text }) => text.trimEnd()).join('\n\n')}\n`;
}

/** A metric's lines, which begin with its HELP. */
function blocksOf(text: string): { name: string; text: string }[] {
  return text
    .split(/^(?=# HELP )/m)
    .map((block) => ({ name: /^# HELP (\S+)/.exec(block)?.[1] ?? '', text: block }))
    .filter(({ name }) => name !== '');
}
