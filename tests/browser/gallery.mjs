// Makes the pictures of the example site in README.md: six pages on a large screen and on a
// telephone, light and dark.
//
//   target/release/sitegen build && node tests/browser/gallery.mjs public docs /usr/bin/chromium

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';

const [output, folder, executablePath] = process.argv.slice(2);
const PAGES = [
    '/', '/news/library-saturdays/', '/events/', '/people/lowri-maddox/', '/policies/buses/',
    '/follow/',
];
const TYPES = { css: 'text/css', html: 'text/html', js: 'text/javascript', svg: 'image/svg+xml' };
const SHEETS = {
    desktop: { viewport: { width: 1280, height: 860 }, columns: 3, width: 400 },
    phone: { viewport: { width: 390, height: 780 }, columns: 6, width: 190 },
};

const server = http.createServer(({ url }, response) => {
    const name = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const file = path.join(output, path.normalize(name.endsWith('/') ? `${name}index.html` : name));
    fs.readFile(file, (error, bytes) => {
        const type = TYPES[path.extname(file).slice(1)] ?? 'application/octet-stream';
        response.writeHead(error ? 404 : 200, { 'Content-Type': type });
        response.end(bytes);
    });
});
await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
const origin = `http://127.0.0.1:${server.address().port}`;
const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath, args });

/** A page as a screen shows it, for `<img>`. */
async function picture(address, viewport, colorScheme) {
    const tab = await browser.newPage({ viewport, colorScheme });
    await tab.goto(origin + address, { waitUntil: 'networkidle' });
    const bytes = await tab.screenshot();
    await tab.close();
    return `data:image/png;base64,${bytes.toString('base64')}`;
}

for (const [name, { viewport, columns, width }] of Object.entries(SHEETS)) {
    const images = [];
    for (const [number, address] of PAGES.entries()) {
        const scheme = number % 2 === 0 ? 'light' : 'dark';
        images.push(await picture(address, viewport, scheme));
    }
    const tab = await browser.newPage({ viewport: { width: 100, height: 100 }, deviceScaleFactor: 1.2 });
    await tab.setContent(`<style>
        body { margin: 0; width: max-content; background: #fff; }
        div { display: grid; gap: 14px; padding: 14px; grid-template-columns: repeat(${columns}, ${width}px); }
        img { width: 100%; border-radius: 8px; box-shadow: 0 0 0 1px #ccc, 0 2px 10px #0003; }
        </style><div>${images.map((image) => `<img src="${image}">`).join('')}</div>`);
    await tab.locator('div').screenshot({
        path: path.join(folder, `${name}.jpg`), type: 'jpeg', quality: 76,
    });
    await tab.close();
}
await browser.close();
server.close();
