import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 360, height: 740 };

const faults = new WeakMap<Page, string[]>();

/** Errors in the console of a page, and its requests to other origins so far. */
export const faultsOf = (page: Page): readonly string[] => faults.get(page) ?? [];

/** A page in a context of its own. */
export async function openPage(
  t: ExecutionContext,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', timezoneId: 'UTC', ...options });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const { origin } = new URL(url);
  const found: string[] = [];
  faults.set(page, found);
  page.on('pageerror', (error) => found.push(`the page threw ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(`the console says ${message.text()}`);
  });
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(origin) && !asked.startsWith('data:') && !asked.startsWith('blob:'))
      found.push(`the page asked ${asked}`);
  });
  await page.goto(url);
  return page;
}

/** The findings of axe that are serious or critical, in words. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const found: unknown = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + help + ' at ' + target.join(' ') + ' ' + failureSummary)))`,
  );
  return found as string[];
}

/** No errors, nothing serious in both themes, and no scrolling to the side on a narrow screen. Leaves the page as it was. */
export async function checkLooks(t: ExecutionContext, page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    t.deepEqual(await findings(page), [], `${name}, ${colorScheme}`);
  }
  await page.setViewportSize(NARROW);
  // A plot takes the width of its box when the browser has told it of that.
  await page.waitForFunction('document.documentElement.scrollWidth <= innerWidth').catch(() => undefined);
  const widths = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, innerWidth]');
  t.true(widths[0] <= widths[1], `${name} is ${widths[0]} wide on a screen of ${widths[1]}`);
  await page.setViewportSize(WIDE);
  t.deepEqual(faultsOf(page), []);
}
