// Many tabs: browsers keep six connections to one host, and all tabs have to do with those.

import assert from 'node:assert/strict';
import { Preview, shows } from './harness.mjs';

const COUNT = 12;
const FILE = 'content/news/buses.md';
const PLACE = '/news/buses/';

const barSays = (page, what) => shows(page, `the bar says ${what}`, (what) =>
    document.querySelector('sitegen-preview')?.shadowRoot.querySelector('.bar > button')
        ?.innerText.includes(what), what);

export async function tabs(checks, { browser, binary, site, says, listenTo, expected }) {
    let preview = await Preview.start(binary, site.root, '--port', '0');
    const context = await browser.newContext();
    listenTo(context);
    const pages = [];
    let last = 'The end.';
    const edit = (next) => {
        const text = site.read(FILE);
        site.write(FILE, text.includes(last) ? text.replace(last, next) : `${text}\n${next}\n`);
        last = next;
    };
    try {
        await checks.run(`${COUNT} tabs can be open at once`, async () => {
            for (let at = 0; at < COUNT; at += 1) pages.push(await context.newPage());
            await Promise.all(pages.map((page) => page.goto(preview.url + PLACE.slice(1))));
            await Promise.all(pages.map((page) => barSays(page, 'Preview')));
        });
        await checks.run('an edit reaches all of them, and the next one', async () => {
            for (const text of ['All tabs say this.', 'All tabs say that.']) {
                edit(text);
                await Promise.all(pages.map((page) => says(page, text)));
            }
        });
        await checks.run('and those that are left when the first ones are closed', async () => {
            await Promise.all(pages.splice(0, 3).map((page) => page.close()));
            edit('The others say this.');
            await Promise.all(pages.map((page) => says(page, 'The others say this.')));
        });
        await checks.run('a style changes in all of them', async () => {
            await Promise.all(pages.map((page) => page.goto(`${preview.url}about/`)));
            await Promise.all(pages.map((page) => barSays(page, 'Preview')));
            site.write('static/own.css', '.menu { outline: 1px solid rgb(7, 7, 7); }\n');
            const isNew = () => getComputedStyle(document.querySelector('.menu'))
                .outlineColor === 'rgb(7, 7, 7)';
            await Promise.all(pages.map((page) => shows(page, 'the style is new', isNew)));
        });
        await checks.run('all of them say so when the preview has ended', async () => {
            await Promise.all(pages.map((page) => page.goto(preview.url + PLACE.slice(1))));
            await Promise.all(pages.map((page) => barSays(page, 'Preview')));
            expected.push(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET/);
            assert.equal(await preview.stop(), 0);
            await Promise.all(pages.map((page) => barSays(page, 'ended')));
        });
        await checks.run('and come back to life when it is started again', async () => {
            const { port } = new URL(preview.url);
            preview = await Preview.start(binary, site.root, '--port', port);
            const lives = () => document.querySelector('sitegen-preview')?.shadowRoot
                .querySelector('.bar > button')?.innerText === 'Preview';
            await Promise.all(pages.map((page) => shows(page, 'the bar is alive', lives)));
            edit('It lives again.');
            await Promise.all(pages.map((page) => says(page, 'It lives again.')));
        });
    } finally {
        await context.close();
        await preview.stop();
    }
}
