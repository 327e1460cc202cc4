// Opens every page of a site that a web server has, and listens for what its headers forbid.
//
//   node tests/browser/headers.mjs --chromium FILE --origin URL --port PORT --pages FILE
//
// The pages are a JSON list of paths. `/planted.html` is expected to be stopped at all it tries, so
// that silence about the others means something.

import fs from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { WAIT } from './harness.mjs';

const PLANTED = '/planted.html';
const STOPPED = ['style-src-attr', 'script-src-elem', 'img-src'];

const text = { type: 'string' };
const { values: options } = parseArgs({
    options: { chromium: text, origin: text, port: text, pages: text },
});
const pages = JSON.parse(fs.readFileSync(options.pages, 'utf8'));
const { host } = new URL(options.origin);

const browser = await chromium.launch({
    executablePath: options.chromium,
    args: [`--host-resolver-rules=MAP ${host}:443 127.0.0.1:${options.port}, MAP * ~NOTFOUND`],
});
let problems = [];
try {
    const context = await browser.newContext({
        // The certificate is the doctor's concern.
        ignoreHTTPSErrors: true,
        // So high that pictures below the fold are fetched too.
        viewport: { width: 1280, height: 12_000 },
    });
    context.setDefaultTimeout(WAIT);
    let path = '';
    let said = [];
    const say = (what) => said.push(what);
    await context.exposeBinding('violated', (_, what) => say(what));
    await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
            window.violated(`${event.effectiveDirective} stops ${event.blockedURI}`);
        });
    });
    context.on('request', (request) => {
        const url = new URL(request.url());
        if (url.protocol !== 'data:' && url.host !== host) say(`asks ${url.host}`);
    });
    const page = await context.newPage();
    page.on('console', (message) => {
        if (message.type() !== 'error') return;
        const { url } = message.location();
        say(`says: ${message.text()}${url ? ` (${url})` : ''}`);
    });
    page.on('pageerror', (error) => say(`fails: ${error.message}`));
    for (path of pages) {
        said = [];
        const answer = await page.goto(`${options.origin}${path}`, { waitUntil: 'load' });
        // What the page has reported until here is delivered before the answer to this.
        await page.evaluate(() => new Promise(requestAnimationFrame));
        if (path === PLANTED) {
            for (const directive of STOPPED) {
                if (!said.some((what) => what.startsWith(`${directive} stops`))) {
                    problems.push(`${path} is not stopped by ${directive}: ${said.join('; ')}`);
                }
            }
            continue;
        }
        if (answer.status() !== 200) say(`has the status ${answer.status()}`);
        problems.push(...said.map((what) => `${path} ${what}`));
    }
    if (!pages.includes(PLANTED) || pages.length < 2) problems.push('there is nothing to look at');
} catch (error) {
    problems.push(error.stack);
} finally {
    await browser.close();
}
problems = [...new Set(problems)];
console.log(problems.length > 0 ? problems.join('\n') : `${pages.length} pages`);
process.exitCode = problems.length > 0 ? 1 : 0;
