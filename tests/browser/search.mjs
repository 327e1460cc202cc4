// Searching as a visitor does: with a keyboard, with accents or without, and without scripts.

import assert from 'node:assert/strict';
import { Preview, Site, shows } from './harness.mjs';

const page = (title, text) => `+++\ntitle = "${title}"\ndate = 2026-05-01\n+++\n\n${text}\n`;

const FILES = {
    'site.toml': 'base_url = "https://party.example"\ntitle = "The Party"\n'
        + 'generate_search = true\n',
    'content/news/buses.md': page('Buses after six', 'The last bus leaves early.'),
    'content/news/river.md': page('Tŷ ger yr afon', 'Straße & <b>river</b>, seen from a bus.'),
    'content/news/baths.md': page('The old baths', 'Nobody swims.'),
};

const finds = (tab, ...titles) => shows(tab, `it finds ${titles.join(', ')}`, (titles) => {
    const found = [...document.querySelectorAll('[data-search-results] a')];
    return found.map((link) => link.textContent).join() === titles.join();
}, titles);

export async function search(checks, { browser, binary, work, listenTo }) {
    const site = new Site(work);
    for (const [name, content] of Object.entries(FILES)) site.write(name, content);
    const preview = await Preview.start(binary, site.root, '--port', '0');
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    listenTo(context);
    const tab = await context.newPage();
    const others = [];
    tab.on('request', (request) => {
        if (!request.url().startsWith(preview.url)) others.push(request.url());
    });
    try {
        await checks.run('the search is one link away, and has a field with a name', async () => {
            await tab.goto(`${preview.url}news/buses/`);
            await tab.getByRole('link', { name: 'Search', exact: true }).click();
            await tab.getByRole('searchbox', { name: 'What are you looking for?' }).focus();
        });
        await checks.run('what is typed is found while it is typed, the best first', async () => {
            await tab.keyboard.type('bus');
            await finds(tab, 'Buses after six', 'Tŷ ger yr afon');
            const said = await tab.getByRole('status').innerText();
            assert.equal(said, '2 pages found.');
        });
        await checks.run('all words have to be there, in whatever form they are typed', async () => {
            await tab.getByRole('searchbox').fill('STRASSE ty');
            await finds(tab, 'Tŷ ger yr afon');
            await tab.getByRole('searchbox').fill('tŷ swims');
            await finds(tab);
            await shows(tab, 'it says that nothing was found', () =>
                document.querySelector('[role=status]').innerText.startsWith('Nothing found.'));
        });
        await checks.run('the keyboard leads from the field to a page, and back', async () => {
            await tab.getByRole('searchbox').fill('baths');
            await finds(tab, 'The old baths');
            await tab.getByRole('searchbox').press('Tab');
            await tab.keyboard.press('Tab');
            await tab.keyboard.press('Enter');
            await tab.waitForURL('**/news/baths/');
            await tab.goBack();
            await finds(tab, 'The old baths');
        });
        await checks.run('nothing is asked of anybody else', () => assert.deepEqual(others, []));
        await checks.run('without scripts there are all pages from A to Z', async () => {
            const plain = await browser.newContext({ javaScriptEnabled: false });
            const tab = await plain.newPage();
            await tab.goto(`${preview.url}search/`);
            assert.equal(await tab.getByRole('searchbox').isVisible(), false);
            await tab.getByRole('link', { name: 'All pages from A to Z' }).click();
            await tab.getByRole('link', { name: 'Tŷ ger yr afon' }).click();
            await tab.waitForURL('**/news/river/');
            await plain.close();
        });
    } finally {
        await context.close();
        await preview.stop();
    }
}
