// Looks at every page of the example, and of a new site with a notice of political advertising, as a
// browser, a screen reader and a validator do, served with the headers that the build has written for
// its host.
//
//   node tests/browser/pages.mjs --binary FILE --chromium FILE --java FILE --work DIR

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import vnu from 'vnu-jar';

import { Checks, WAIT } from './harness.mjs';
import { judge } from './lighthouse.mjs';

const WIDTHS = [320, 768, 1280];
const SCHEMES = ['light', 'dark'];
// WCAG 2.2, levels A and AA.
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// A page of each kind that Lighthouse looks at, and how many points of 100 it has to give.
const JUDGED = [
    '/', '/news/library-saturdays/', '/events/', '/people/lowri-maddox/',
    '/policies/buses/', '/cy/follow/',
];
const POINTS = 95;
const TYPES = {
    css: 'text/css', html: 'text/html; charset=utf-8', ics: 'text/calendar; charset=utf-8',
    jpg: 'image/jpeg', js: 'text/javascript', json: 'application/json', png: 'image/png',
    svg: 'image/svg+xml', webp: 'image/webp', xml: 'application/xml',
};

const text = { type: 'string' };
const { values: options } = parseArgs({
    options: { binary: text, chromium: text, java: text, work: text },
});

/** The example, for a host whose headers are a file. */
function build() {
    const site = path.join(options.work, 'site');
    for (const name of ['content', 'static', 'keys', 'data', 'site.toml', 'published.toml']) {
        if (fs.existsSync(name)) fs.cpSync(name, path.join(site, name), { recursive: true });
    }
    const config = path.join(site, 'site.toml');
    const written = fs.readFileSync(config, 'utf8');
    const changed = written.replace('host = "nginx"', 'host = "netlify"');
    assert.notEqual(changed, written);
    fs.writeFileSync(config, changed);
    const output = path.join(options.work, 'public');
    execFileSync(options.binary, ['build', '--root', site, '--output-dir', output, '--quiet']);
    return output;
}

/** A new German site with English texts and a notice in both languages. */
function buildNotices() {
    const site = path.join(options.work, 'notices');
    const run = (...args) => execFileSync(options.binary, [...args, '--quiet']);
    run('new', site, '--kind', 'party', '--language', 'de', '--law', 'de,eu-ttpa', '--title', 'Liste');
    const config = path.join(site, 'site.toml');
    const filled = fs.readFileSync(config, 'utf8')
        .replaceAll('name = ""', 'name = "Die Liste e. V."')
        .replaceAll('address = ""', 'address = "Weg 1, 12345 Ort"')
        .replace('email = ""', 'email = "post@liste.example"')
        .replace('# represented_by', 'represented_by')
        .replaceAll(/^# (sponsor|controlled_by|origin|complaints) =/gm, '$1 =');
    const english = '\n[languages.en]\ntitle = "List"\n';
    fs.writeFileSync(config, `host = "netlify"\n${filled}${english}`);
    run('new', 'notice', 'Plakate', '--public', '--root', site);
    const notice = path.join(site, 'content/transparenz/plakate.md');
    // All of it but what is about personal data; an address is one.
    const text = fs.readFileSync(notice, 'utf8').replace(/# \[targeting\][^+]*/, '')
        .replaceAll('https://…', 'https://town.example/')
        .replaceAll(/^# (?=[a-z_]+ = |\[\[|\]| {2}\{)/gm, '');
    fs.writeFileSync(notice, text);
    fs.writeFileSync(path.join(site, 'content/transparenz/plakate.en.md'),
        '+++\ntitle = "Posters"\nmethod = "Invoices"\n+++\nText.\n');
    const targeted = text.replace('title = "Plakate"', 'title = "Anzeigen"')
        .replace(/^targeting = false/m, `targeting = { groups = "A", data = "B", logic = "C", ai = "D",
            policy = "https://liste.example/p", rights = "post@liste.example" }`);
    assert.notEqual(targeted, text);
    fs.writeFileSync(path.join(site, 'content/transparenz/anzeigen.md'), targeted);
    const output = path.join(options.work, 'notices-public');
    run('build', '--root', site, '--output-dir', output, '--base-url', 'https://liste.example');
    return output;
}

/** What is sent with every file: the first group of `_headers`. */
function headersOf(output) {
    const lines = fs.readFileSync(path.join(output, '_headers'), 'utf8').split('\n');
    const start = lines.indexOf('/*');
    const end = lines.findIndex((line, at) => at > start && !line.startsWith('  '));
    // It is about https, and these pages are not.
    const kept = lines.slice(start + 1, end).filter((line) => !/Transport|upgrade/.test(line));
    return Object.fromEntries(kept.map((line) => line.trim().split(/: (.*)/s).slice(0, 2)));
}

function serve(output, headers) {
    const server = http.createServer((request, response) => {
        const { pathname } = new URL(request.url, 'http://localhost');
        const name = decodeURIComponent(pathname) + (pathname.endsWith('/') ? 'index.html' : '');
        const file = path.join(output, path.normalize(name));
        const type = TYPES[path.extname(file).slice(1)] ?? 'application/octet-stream';
        fs.readFile(file, (error, bytes) => {
            response.writeHead(error ? 404 : 200, { ...headers, 'Content-Type': type });
            response.end(bytes);
        });
    });
    return new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve(server));
    });
}

/** What is wrong with the page that a tab shows, as lines. */
async function look(tab) {
    const found = [];
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) found.push(`it is ${wide} pixels too wide`);
    const { violations } = await tab.evaluate(
        (rules) => window.axe.run(document, {
            runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'],
        }),
        RULES,
    );
    for (const { id, nodes } of violations) {
        found.push(...nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
    }
    return found;
}

/** Looks at pages, each in all ways, until there are none left. */
async function visit(browser, origin, left, ways) {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    context.setDefaultTimeout(WAIT);
    const tab = await context.newPage();
    let said = [];
    tab.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) said.push(message.text());
    });
    tab.on('pageerror', (error) => said.push(error.message));
    tab.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(origin) && !url.startsWith('data:')) said.push(`asks ${url}`);
    });
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
        await tab.goto(origin + address(name));
        await tab.evaluate(AXE);
        for (const { width, colorScheme, problems } of ways) {
            await tab.setViewportSize({ width, height: 900 });
            await tab.emulateMedia({ colorScheme });
            said.push(...await look(tab));
            problems.push(...said.map((line) => `${address(name)}: ${line}`));
            said = [];
        }
    }
    await context.close();
}

const address = (name) => `/${name.replace(/(^|\/)index\.html$/, '$1')}`;

const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: options.chromium, args });
const checks = new Checks({ independent: true });

/** Looks at all pages of an output. */
async function lookAt(title, output, { least, folder, has, judged }) {
    const pages = fs.readdirSync(output, { recursive: true })
        .filter((name) => name.endsWith('.html')).sort();
    // A redirect leaves at once, and is looked at where it leads.
    const leaves = (name) => fs.readFileSync(path.join(output, name), 'utf8')
        .includes('http-equiv="refresh"');
    const shown = pages.filter((name) => !leaves(name));
    await checks.run(`${title}: there are pages in two languages, and headers`, () => {
        assert.ok(shown.length > least, `${shown.length} pages`);
        assert.ok(shown.some((name) => name.startsWith(folder)));
        has.forEach((name) => assert.ok(shown.includes(name), name));
        assert.match(headersOf(output)['Content-Security-Policy'], /default-src 'none'/);
    });
    await checks.run(`${title}: the validator finds no error in ${pages.length} pages`, () => {
        const command = ['-jar', vnu, '--errors-only', '--format', 'text'];
        const files = pages.map((name) => path.join(output, name));
        const as = { encoding: 'utf8' };
        const { status, stderr } = spawnSync(options.java, [...command, ...files], as);
        assert.match(stderr, /No errors found\.\s*$/);
        assert.equal(status, 0);
    });
    const server = await serve(output, headersOf(output));
    const origin = `http://127.0.0.1:${server.address().port}`;
    const ways = WIDTHS.flatMap((width) => SCHEMES.map((colorScheme) => (
        { width, colorScheme, problems: [] }
    )));
    try {
        const left = [...shown];
        await checks.run(`${title}: every page can be looked at`, () => Promise.all(
            os.cpus().map(() => visit(browser, origin, left, ways)),
        ));
        for (const { width, colorScheme, problems } of ways) {
            const what = `${shown.length} pages, ${width} pixels wide, ${colorScheme}`;
            await checks.run(`${title}: nobody is kept out, and nobody else is asked: ${what}`, () => {
                assert.deepEqual(problems, []);
            });
        }
        for (const page of judged) {
            const what = `Lighthouse gives ${page} at least ${POINTS} of 100 points`;
            await checks.run(`${title}: ${what}`, async () => {
                const { scores, costs } = await judge(origin + page, options.chromium);
                const low = Object.entries(scores).filter(([, score]) => score < POINTS);
                assert.deepEqual(low, [], costs.join('\n'));
            });
        }
    } finally {
        server.close();
    }
}

try {
    await lookAt('the example', build(), { least: 20, folder: 'cy/', has: [], judged: JUDGED });
    await lookAt('notices', buildNotices(), {
        least: 10,
        folder: 'en/',
        has: ['transparenz/plakate/label/index.html', 'en/transparenz/plakate/label/index.html'],
        judged: ['/transparenz/plakate/'],
    });
} finally {
    await browser.close();
}
checks.finish();
