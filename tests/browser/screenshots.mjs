// Pictures for a person to look at.

import path from 'node:path';

const SIZES = { desktop: { width: 1200, height: 800 }, phone: { width: 390, height: 844 } };
const FILE = 'content/news/sloppy.md';

export async function screenshots(browser, preview, site, folder) {
    const good = site.read(FILE);
    for (const [size, viewport] of Object.entries(SIZES)) {
        for (const colorScheme of ['light', 'dark']) {
            const context = await browser.newContext({ viewport, colorScheme });
            const page = await context.newPage();
            const take = (what) => page.screenshot({
                path: path.join(folder, `${what}-${size}-${colorScheme}.png`),
            });
            await page.goto(`${preview.url}news/sloppy/`);
            const toggle = page.locator('sitegen-preview .bar > button');
            await toggle.waitFor();
            await take('closed');
            await toggle.click();
            await page.getByText('/nowhere/').waitFor();
            await take('page');
            await page.getByText('Feed', { exact: true }).click();
            await page.frameLocator('sitegen-preview iframe').getByText('The beginning.').waitFor();
            await take('feed');
            await page.getByText('Share card').click();
            await take('card');
            await toggle.click();
            const long = `descripton = "${'A long line. '.repeat(12)}"`;
            const wrong = good.replace('title = ', 'titel = ')
                .replace('date = ', `${long}\ndate = `);
            site.write(FILE, wrong);
            await page.locator('sitegen-preview .overlay').waitFor();
            await take('overlay');
            site.write(FILE, good);
            await page.locator('sitegen-preview .overlay').waitFor({ state: 'detached' });
            await context.close();
        }
    }
}
