import { existsSync } from 'node:fs';
import { sizeFor, type Effort } from '../effort.js';
import { quantileOf } from '../statistics.js';
import type { Figure } from './figure.js';

/** Debian's package puts it here. */
const CHROMIUM = '/usr/bin/chromium';
const PAINTED = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime`;
const SHOWN = `document.querySelector('[data-testid="task-row"]') && performance.now()`;

/** The first value of an expression that is true, asked in each frame: a time is that of the frame. */
const firstOf = (expression: string): string =>
  `new Promise((resolve) => {
    const look = () => {
      const value = ${expression};
      if (value) resolve(value);
      else requestAnimationFrame(look);
    };
    look();
  })`;

/**
 * How soon a browser that has nothing in its cache shows the tasks, from the beginning of the navigation. No figures
 * where there is no Chromium. `url`: of an API with tasks; `pending`: of these.
 */
export async function firstView(
  url: string,
  pending: number,
  { effort, say }: { effort: Effort; say: (line: string) => void },
): Promise<Figure[]> {
  if (!existsSync(CHROMIUM)) {
    say(`no ${CHROMIUM}: the dashboard's first view is not measured`);
    return [];
  }
  const { chromium } = await import('playwright-core');
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  const [painted, shown]: [number[], number[]] = [[], []];
  try {
    for (let n = sizeFor(effort, { check: 1, quick: 5, full: 15 }); n > 0; n--) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const answer = await page.goto(`${url}/ui/tasks`, { waitUntil: 'commit' });
      if ((await answer?.text())?.includes('was not built') === true)
        throw new Error('the dashboard was not built: npm run build makes it');
      shown.push(await page.evaluate<number>(firstOf(SHOWN)));
      painted.push(await page.evaluate<number>(firstOf(PAINTED)));
      await context.close();
    }
  } finally {
    await browser.close();
  }
  const when = `of the dashboard, p50, ${pending.toLocaleString('en-US')} pending tasks`;
  return [
    { name: `first paint ${when}`, value: quantileOf(painted, 0.5), unit: 'ms', target: { atMost: 300 } },
    { name: `first tasks shown ${when}`, value: quantileOf(shown, 0.5), unit: 'ms', target: { atMost: 500 } },
  ];
}
