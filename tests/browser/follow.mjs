// Following as a visitor does: with a keyboard, with whatever they take for the name of their server,
// and without scripts.

import assert from 'node:assert/strict';
import { Preview, Site } from './harness.mjs';

const FILES = {
    'site.toml': 'base_url = "https://party.example"\ntitle = "The Party"\n'
        + 'generate_follow = true\n[[actors]]\nuser = "news"\n',
    'content/news/buses.md': '+++\ntitle = "Buses & trains"\ndate = 2026-05-01\n+++\n\nThe last bus.\n',
};
const there = (server, path, value) => `https://${server}/${path}=${encodeURIComponent(value)}`;

/** Goes on with the tab key until something has the focus. */
async function tabTo(tab, wanted) {
    for (let stops = 0; !await hasFocus(wanted); stops += 1) {
        assert.ok(stops < 30, 'it is far away');
        await tab.keyboard.press('Tab');
    }
}

const hasFocus = (wanted) => wanted.evaluate((element) => element === document.activeElement);

export async function follow(checks, { browser, binary, work, listenTo }) {
    const site = new Site(work);
    for (const [name, content] of Object.entries(FILES)) site.write(name, content);
    const preview = await Preview.start(binary, site.root, '--port', '0');
    const posted = `${preview.url}ap/news/posts/`;
    const actor = `${preview.url}ap/news/actor.json`;
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    listenTo(context);
    const tab = await context.newPage();
    // Whoever else is asked answers with nothing.
    const others = [];
    await context.route((url) => !url.href.startsWith(preview.url), (route) => {
        others.push(route.request().url());
        return route.fulfill({ contentType: 'text/plain', body: 'Here you are.' });
    });
    const field = tab.getByRole('textbox', { name: 'Your server' });
    const goes = async (to) => {
        await tab.waitForURL(to);
        assert.deepEqual(others.splice(0), [to]);
    };
    const submits = async (typed) => {
        await tab.goto(`${preview.url}follow/`);
        await field.fill(typed);
        await field.press('Enter');
    };
    try {
        await checks.run('a keyboard leads to the page, and from there to one’s server', async () => {
            await tab.goto(`${preview.url}news/buses/`);
            const link = tab.getByRole('link', { name: 'Follow us', exact: true });
            await link.focus();
            await tab.keyboard.press('Enter');
            await tab.waitForURL('**/follow/');
            await tabTo(tab, field);
            await tab.keyboard.type('mastodon.example');
            await tabTo(tab, tab.getByRole('button', { name: 'Follow @news@party.example' }));
            await tab.keyboard.press('Enter');
            await goes(there('mastodon.example', 'authorize_interaction?uri', actor));
        });
        await checks.run('the browser remembers the server, and nobody was told before', async () => {
            await tab.goto(`${preview.url}news/buses/`);
            assert.equal(await field.inputValue(), 'mastodon.example');
            assert.deepEqual(others, []);
        });
        await checks.run('below a post are replies and shares', async () => {
            await tab.getByRole('button', { name: 'Reply' }).press('Enter');
            await tab.waitForURL('https://mastodon.example/**');
            const [reply] = others.splice(0);
            const posts = there('mastodon.example', 'authorize_interaction?uri', posted);
            assert.ok(reply.startsWith(posts), reply);
            await tab.goto(`${preview.url}news/buses/`);
            await tab.getByRole('button', { name: 'Share' }).press('Enter');
            const text = `Buses & trains ${preview.url}news/buses/`;
            await goes(there('mastodon.example', 'share?text', text));
        });
        await checks.run('a server is found in whatever people type', async () => {
            const typed = [
                'https://social.example/', '@me@social.example', 'me@social.example',
                ' Social.Example ', 'social.example.', 'https://social.example/@me@other.example',
                'acct:me@social.example', 'social.example/deck/home',
            ];
            for (const name of typed) {
                await submits(name);
                await goes(there('social.example', 'authorize_interaction?uri', actor));
            }
            await submits('bücher.example');
            await goes(there('xn--bcher-kva.example', 'authorize_interaction?uri', actor));
        });
        await checks.run('what is no server is said, and one can go on typing', async () => {
            for (const name of ['', 'mastodon', '@me', 'a server.example', '1.2.3.4', 'javascript:1']) {
                await submits(name);
                assert.match(await tab.getByRole('alert').innerText(), /does not look like a server/);
                assert.equal(await field.getAttribute('aria-invalid'), 'true');
                assert.ok(await hasFocus(field), name);
            }
            await submits('@news@party.example');
            assert.match(await tab.getByRole('alert').innerText(), /our own address/);
            assert.deepEqual(others, []);
        });
        await checks.run('the name is copied, and it is said aloud', async () => {
            await tab.goto(`${preview.url}follow/`);
            await tab.getByRole('button', { name: 'Copy @news@party.example' }).press('Enter');
            await tab.getByRole('status').getByText('Copied: @news@party.example').waitFor();
            const copied = await tab.evaluate(() => navigator.clipboard.readText());
            assert.equal(copied, '@news@party.example');
        });
        await checks.run('without scripts there are names and links', async () => {
            const plain = await browser.newContext({ javaScriptEnabled: false });
            const tab = await plain.newPage();
            await tab.goto(`${preview.url}news/buses/`);
            assert.equal(await tab.getByRole('button').count(), 0);
            // What looks for texts passes over these.
            const address = tab.locator('noscript code');
            assert.ok(await address.isVisible());
            assert.ok((await address.textContent()).startsWith(posted));
            await tab.getByRole('link', { name: 'All ways to follow us' }).first().click();
            assert.ok(await tab.locator('code', { hasText: '@news@party.example' }).isVisible());
            assert.equal(await tab.getByRole('textbox').count(), 0);
            const link = tab.locator('noscript a').first();
            assert.ok(await link.isVisible());
            const href = await link.getAttribute('href');
            assert.equal(href, there('mastodon.social', 'authorize_interaction?uri', actor));
            await plain.close();
        });
    } finally {
        await context.close();
        await preview.stop();
    }
}
