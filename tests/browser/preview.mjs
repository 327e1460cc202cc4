// What a person sees of the preview in a browser: Chromium, as Debian has it.
//
//   node preview.mjs --binary FILE --chromium FILE --work DIR [--screenshots DIR]

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

import { editors } from './editors.mjs';
import { follow } from './follow.mjs';
import { Checks, Preview, Site, WAIT, pause, shows, until } from './harness.mjs';
import { screenshots } from './screenshots.mjs';
import { search } from './search.mjs';
import { FILES, TITLE, post } from './site.mjs';
import { tabs } from './tabs.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({
    options: { binary: text, chromium: text, work: text, screenshots: text },
});
const checks = new Checks();
const site = new Site(path.join(options.work, 'site'));
for (const [name, content] of Object.entries(FILES)) site.write(name, content);

const BUSES = 'content/news/buses.md';
const says = (page, sentence) => shows(page, `the page says "${sentence}"`,
    (sentence) => document.body.innerText.includes(sentence), sentence);
const overlaySays = (page, ...parts) => shows(page, `the overlay says ${parts.join(', ')}`,
    (parts) => {
        const root = document.querySelector('sitegen-preview')?.shadowRoot;
        const overlay = root?.querySelector('.overlay');
        return overlay && parts.every((part) => overlay.innerText.includes(part));
    }, parts);
const overlayGoes = (page) => shows(page, 'there is no overlay',
    () => document.querySelector('sitegen-preview')?.shadowRoot.querySelector('.overlay') === null);
// A page that was loaded again has no mark.
const mark = (page) => page.evaluate(() => { window.marked = true; });
const isMarked = (page) => page.evaluate(() => window.marked === true);

/** What goes wrong in pages without anybody seeing it, but for what checks provoke. */
const complaints = [];
const expected = [];

function listenTo(context) {
    context.on('console', (message) => {
        if (message.type() !== 'error') return;
        const line = `${message.text()} (${message.location().url})`;
        if (!expected.some((pattern) => pattern.test(line))) complaints.push(line);
    });
    context.on('weberror', (error) => complaints.push(error.error().stack));
}

async function texts(page, url) {
    await checks.run('a new sentence appears by itself, where one was reading', async () => {
        await page.goto(`${url}news/buses/`);
        await page.evaluate(() => scrollTo(0, 800));
        site.replace(BUSES, 'The old sentence.', 'The new sentence.');
        await says(page, 'The new sentence.');
        await shows(page, 'the page is where it was', () => Math.abs(scrollY - 800) <= 1);
    });
    await checks.run('a page stays as it is when another one changes', async () => {
        await mark(page);
        const before = await page.evaluate(() => performance.timeOrigin);
        site.replace('content/about.md', 'Who we are.', 'Who we really are.');
        site.replace('content/about.md', 'Who we really are.', 'Who we are.');
        const other = await page.context().newPage();
        await other.goto(`${url}about/`);
        site.replace('content/about.md', 'Who we are.', 'Who are we?');
        await says(other, 'Who are we?');
        await other.close();
        assert.ok(await isMarked(page), 'it was loaded again');
        assert.equal(await page.evaluate(() => performance.timeOrigin), before);
    });
    await checks.run('a sentence of two edits that follow at once is the later one', async () => {
        site.replace(BUSES, 'The new sentence.', 'The first of two.');
        await pause(30);
        site.replace(BUSES, 'The first of two.', 'The second of two.');
        await says(page, 'The second of two.');
    });
}

async function mistakes(page, url) {
    await page.goto(`${url}news/buses/`);
    await checks.run('a mistake in front matter is shown over the last good page', async () => {
        site.replace(BUSES, 'title = ', 'titel = ');
        const excerpt = 'titel = "Buses after six"';
        await overlaySays(page, `${BUSES}:2:1`, 'unknown key', excerpt, '`title`');
        await says(page, 'The second of two.');
    });
    await checks.run('a page that is opened meanwhile is the last good one, too', async () => {
        const other = await page.context().newPage();
        await other.goto(`${url}news/buses/`);
        await overlaySays(other, `${BUSES}:2:1`);
        await says(other, 'The second of two.');
        await other.close();
    });
    await checks.run('the overlay goes by itself when the mistake is mended', async () => {
        site.replace(BUSES, 'titel = ', 'title = ');
        await overlayGoes(page);
        await says(page, 'The second of two.');
    });
    await checks.run('a link to a page that is not there is shown, and goes', async () => {
        site.replace(BUSES, 'The second of two.', 'A [link](@/missing.md).');
        await overlaySays(page, `${BUSES}:8:`, '@/missing.md');
        // It lies over the page as it was when nothing was wrong.
        await says(page, 'The second of two.');
        site.replace(BUSES, 'A [link](@/missing.md).', 'A [link](@/about.md).');
        await overlayGoes(page);
        await says(page, 'A link.');
    });
    const template = 'themes/campaign/templates/page.html';
    execFileSync(options.binary, ['new', 'theme', 'templates/page.html', '--root', site.root]);
    const good = site.read(template);
    const line = good.split('\n').findIndex((line) => line.includes('{{ page.content }}')) + 1;
    for (const [what, broken] of [
        ['that makes no sense', '{{ page.content }'],
        ['that fails', '{{ page.content + 1 }}'],
        ['that asks for what is not there', '{{ page.nothing.there }}'],
    ]) {
        await checks.run(`an expression ${what} in a template is shown, and goes`, async () => {
            site.replace(template, '{{ page.content }}', broken);
            await overlaySays(page, `${template}:${line}`);
            await says(page, 'A link.');
            site.write(template, good);
            await overlayGoes(page);
            await says(page, 'A link.');
        });
    }
    await checks.run('Escape hides the overlay, and another mistake brings it back', async () => {
        await page.evaluate(() => document.querySelector('.brand').focus());
        site.replace(BUSES, 'title = ', 'titel = ');
        await overlaySays(page, `${BUSES}:2:1`);
        await page.keyboard.press('Escape');
        await overlayGoes(page);
        const focused = await page.evaluate(() => document.activeElement.className);
        assert.equal(focused, 'brand', 'whoever was somewhere in the page is there again');
        site.replace(BUSES, 'date = ', 'dat = ');
        await overlaySays(page, '2 mistakes', `${BUSES}:3:1`);
        site.replace(BUSES, 'dat = ', 'date = ');
        site.replace(BUSES, 'titel = ', 'title = ');
        await overlayGoes(page);
    });
}

async function looks(page, url) {
    await page.goto(`${url}about/`);
    const outline = (colour) => shows(page, `the line around the menu is ${colour}`, (colour) =>
        getComputedStyle(document.querySelector('.menu')).outlineColor === colour, colour);
    const links = (count) => shows(page, `there are ${count} styles`, (count) =>
        document.querySelectorAll('link[rel~=stylesheet]').length === count, count);
    await checks.run('a style changes without loading the page again, and once more', async () => {
        await outline('rgb(1, 1, 1)');
        await mark(page);
        for (const colour of ['rgb(2, 2, 2)', 'rgb(3, 3, 3)']) {
            site.write('static/own.css', `.menu { outline: 1px solid ${colour}; }\n`);
            await outline(colour);
            await links(2);
        }
        assert.ok(await isMarked(page), 'the page was loaded again');
    });
    await checks.run('so does that of the theme, which becomes a file', async () => {
        execFileSync(options.binary, ['new', 'theme', 'static/campaign.css', '--root', site.root]);
        const style = 'themes/campaign/static/campaign.css';
        site.write(style, `${site.read(style)}\nbody { background: rgb(4, 4, 4); }\n`);
        await shows(page, 'the ground has another colour', () =>
            getComputedStyle(document.body).backgroundColor === 'rgb(4, 4, 4)');
        await links(2);
        assert.ok(await isMarked(page), 'the page was loaded again');
        site.remove(style);
        await shows(page, 'the ground is as before', () =>
            getComputedStyle(document.body).backgroundColor !== 'rgb(4, 4, 4)');
    });
}

async function files(page, url) {
    expected.push(/404 .*\/news\/buses\//, /404 .*\/field\.svg/);
    await page.goto(`${url}news/buses/`);
    await checks.run('a page that is renamed is at its new address only', async () => {
        site.rename(BUSES, 'content/news/trams.md');
        await says(page, 'Page not found');
        const other = await page.context().newPage();
        await other.goto(`${url}news/trams/`);
        await says(other, 'A link.');
        await other.close();
    });
    await checks.run('and comes back by itself with its old name', async () => {
        site.rename('content/news/trams.md', BUSES);
        await says(page, 'A link.');
    });
    await checks.run('a new title of the site is on the page', async () => {
        site.replace('site.toml', TITLE, 'The Other Party');
        await shows(page, 'the title is new', () => document.title.includes('The Other Party')
            && document.querySelector('.brand').innerText.includes('The Other Party'));
    });
    await checks.run('a mistake in site.toml is shown over the page, and goes', async () => {
        site.replace('site.toml', 'title = ', 'titel = ');
        await overlaySays(page, 'site.toml:2:1', 'titel');
        await says(page, 'A link.');
        site.replace('site.toml', 'titel = ', 'title = ');
        site.replace('site.toml', 'The Other Party', TITLE);
        await overlayGoes(page);
        await shows(page, 'the title is as before', () => document.title.endsWith('The Party'));
    });
    await checks.run('a folder of data that is made now is seen, and what is in it', async () => {
        site.replace(BUSES, 'date = ', 'data = { wards = "wards.toml" }\ndate = ');
        site.replace(BUSES, 'The beginning.', '{{ table(rows="wards") }}');
        await overlaySays(page, BUSES, 'wards.toml');
        site.write('data/wards.toml', '[[rows]]\nward = "Riverside"\n');
        await pause(300);
        site.write('data/wards.csv', 'ward,votes\nRiverside,812\n');
        site.replace(BUSES, 'wards.toml', 'wards.csv');
        await overlayGoes(page);
        await says(page, 'Riverside');
        site.write('data/wards.csv', 'ward,votes\nHillside,7\n');
        await says(page, 'Hillside');
    });
    await checks.run('a folder with a page that is made now is seen', async () => {
        const other = await page.context().newPage();
        expected.push(/404 .*\/events\/walk\//);
        await other.goto(`${url}events/walk/`);
        await says(other, 'Page not found');
        site.write('content/events/walk.md', post('A walk', 'We walk.'));
        await says(other, 'We walk.');
        await other.close();
    });
    await checks.run('a picture that is removed is missed, and seen when it is back', async () => {
        await page.goto(`${url}news/bridge/`);
        const picture = site.read('static/field.svg');
        site.remove('static/field.svg');
        await overlaySays(page, 'content/news/bridge.md:8:', '/field.svg');
        site.write('static/field.svg', picture);
        await overlayGoes(page);
        const isWide = (wide) => shows(page, `the picture is ${wide} wide`, (wide) =>
            document.querySelector('img[src$="field.svg"]')?.naturalWidth === wide, wide);
        await isWide(40);
        site.write('static/field.svg', picture.replace('width="40"', 'width="60"'));
        await isWide(60);
    });
}

async function bar(page, url) {
    expected.push(/404 .*\/nowhere\//);
    await page.goto(`${url}news/sloppy/`);
    const panelSays = (what) => shows(page, `the bar says ${what}`, (what) => {
        const root = document.querySelector('sitegen-preview').shadowRoot;
        return root.querySelector('.panel')?.innerText.includes(what);
    }, what);
    const tab = async (name) => {
        await page.locator('sitegen-preview [role=tab]', { hasText: name }).focus();
        await page.keyboard.press('Enter');
    };
    await checks.run('the bar opens with the keyboard, and says what is wrong', async () => {
        await page.locator('sitegen-preview .bar > button').focus();
        await page.keyboard.press('Enter');
        await panelSays('content/news/sloppy.md');
        await panelSays('/field.svg');
        await panelSays('/nowhere/');
        // The page, two pictures and a style; the links that were looked at are none of it.
        await panelSays('kB in 4 files');
    });
    await checks.run('the bar has the entry of the feed and the card', async () => {
        await tab('Feed');
        await panelSays('A sloppy page');
        await panelSays('tag:party.example,2026:news/sloppy');
        const entry = page.frameLocator('sitegen-preview iframe');
        await entry.getByText('The beginning.').waitFor({ timeout: WAIT });
        await until('the picture in the entry is there', () => entry.locator('img')
            .evaluate((image) => image.naturalWidth > 0));
        await tab('Share card');
        await panelSays('A sloppy page');
    });
    await checks.run('the bar stays open on the next page, at what it was showing', async () => {
        site.replace('content/news/sloppy.md', 'A sloppy page', 'A slovenly page');
        await shows(page, 'the title is new', () => document.title.includes('A slovenly page'));
        await panelSays('A slovenly page');
        await page.goto(`${url}about/`);
        await panelSays('About us');
        await tab('Feed');
        await panelSays('only pages with a date are news');
        await tab('Page');
        await panelSays('content/about.md');
        await page.locator('sitegen-preview .bar > button').focus();
        await page.keyboard.press('Enter');
        await page.locator('sitegen-preview .panel').waitFor({ state: 'detached' });
    });
}

async function navigation(browser) {
    const preview = await Preview.start(options.binary, site.root, '--port', '0', '--navigate');
    const context = await browser.newContext();
    listenTo(context);
    try {
        await checks.run('with --navigate, the page goes to what was changed', async () => {
            const page = await context.newPage();
            await page.goto(preview.url);
            await says(page, 'This is the front page.');
            await shows(page, 'it is connected', () =>
                document.querySelector('sitegen-preview')?.shadowRoot.querySelector('.bar'));
            site.replace('content/about.md', 'Who are we?', 'Who we are now.');
            await page.waitForURL(`${preview.url}about/`, { timeout: WAIT });
            await says(page, 'Who we are now.');
        });
    } finally {
        await context.close();
        await preview.stop();
    }
}

const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: options.chromium, args });
const preview = await Preview.start(options.binary, site.root, '--port', '0');
try {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
    listenTo(context);
    const page = await context.newPage();
    for (const part of [texts, mistakes, looks, files, bar]) {
        await part(page, preview.url);
        if (checks.failed > 0) break;
    }
    await editors(checks, { site, page, preview, says });
    await navigation(browser);
    await context.close();
    await tabs(checks, { browser, binary: options.binary, site, says, listenTo, expected });
    for (const [name, walk] of Object.entries({ search, follow })) {
        await walk(checks, {
            browser, binary: options.binary, work: path.join(options.work, name), listenTo,
        });
    }
    if (options.screenshots && checks.failed === 0) {
        fs.mkdirSync(options.screenshots, { recursive: true });
        await screenshots(browser, preview, site, options.screenshots);
    }
    await checks.run('no page complains in the console', () => {
        assert.deepEqual(complaints, []);
    });
    await checks.run('Ctrl-C ends the preview, and all is well', async () => {
        assert.equal(await preview.stop(), 0);
        assert.equal(preview.stderr, '');
    });
} finally {
    preview.child.kill('SIGKILL');
    await browser.close();
}
checks.finish();
