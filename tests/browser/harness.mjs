// One line per check; a preview that runs; and waiting for what a page shows.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

/** Nobody waits longer for anything. */
export const WAIT = 10_000;

/**
 * Runs checks one after the other: each is a sentence and a function that throws. They follow one
 * person at work, so that one that fails leaves the others nothing to begin with, unless they are
 * independent.
 */
export class Checks {
    constructor({ independent = false } = {}) {
        this.independent = independent;
    }

    count = 0;

    failed = 0;

    skipped = 0;

    async run(name, check) {
        if (this.failed > 0 && !this.independent) {
            this.skipped += 1;
            return;
        }
        this.count += 1;
        try {
            await check();
            console.log(`ok    ${name}`);
        } catch (error) {
            this.failed += 1;
            console.log(`FAIL  ${name}`);
            console.log(`${error.stack ?? error}`.replace(/^/gm, '        ').slice(0, 3000));
        }
    }

    finish() {
        const skipped = this.skipped > 0 ? `, ${this.skipped} after it not tried` : '';
        console.log(`${this.count} checks, ${this.failed} failed${skipped}`);
        process.exitCode = this.failed > 0 || this.count === 0 ? 1 : 0;
    }
}

/** A site in a folder. */
export class Site {
    constructor(root) {
        this.root = root;
    }

    at(name) {
        return path.join(this.root, name);
    }

    read(name) {
        return fs.readFileSync(this.at(name), 'utf8');
    }

    write(name, text) {
        fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
        fs.writeFileSync(this.at(name), text);
    }

    /** Changes a part of a file, which must be there. */
    replace(name, old, next) {
        const text = this.read(name);
        assert.ok(text.includes(old), `${name} has no ${old}`);
        this.write(name, text.replace(old, () => next));
    }

    rename(old, next) {
        fs.renameSync(this.at(old), this.at(next));
    }

    remove(name) {
        fs.rmSync(this.at(name), { recursive: true });
    }
}

/** A program that shows a site. */
export class Preview {
    events = [];

    static async start(binary, root, ...options) {
        const preview = new Preview();
        const common = ['serve', '--format', 'json', '--root', root];
        const stdio = ['ignore', 'pipe', 'pipe'];
        preview.child = spawn(binary, [...common, ...options], { stdio });
        preview.stderr = '';
        preview.child.stderr.on('data', (text) => { preview.stderr += text; });
        preview.ended = new Promise((resolve) => {
            preview.child.on('close', (code, signal) => resolve(code ?? signal));
            preview.child.on('error', (error) => resolve(error.message));
        });
        readline.createInterface({ input: preview.child.stdout })
            .on('line', (line) => preview.events.push(JSON.parse(line)));
        const isReady = () => preview.of('ready').length > 0;
        await until('the preview is ready', isReady, () => preview.stderr);
        preview.url = preview.of('ready')[0].url;
        return preview;
    }

    /** What it has said about something. */
    of(event) {
        return this.events.filter((line) => line.event === event);
    }

    async stop() {
        this.child.kill('SIGINT');
        return timely('the preview ends', this.ended);
    }
}

/** Waits for something outside the browser. */
export async function until(what, condition, why = () => '') {
    const end = Date.now() + WAIT;
    while (!await condition()) {
        assert.ok(Date.now() < end, `not so after ${WAIT / 1000} s: ${what} ${why()}`);
        await pause(10);
    }
}

/** Waits until a function that runs in the page gives true, over all reloads. */
export async function shows(page, what, condition, argument) {
    try {
        await page.waitForFunction(condition, argument, { timeout: WAIT });
    } catch (error) {
        const text = await page.evaluate(() => {
            const root = document.querySelector('sitegen-preview')?.shadowRoot;
            const own = root?.querySelector('.overlay, .panel')?.innerText ?? '';
            return `${location.href}\n${document.body.innerText.slice(0, 300)}\n${own}`;
        }).catch(() => '');
        throw new Error(`not so after ${WAIT / 1000} s: ${what}\n${error.message}\n${text}`);
    }
}

export async function timely(what, promise) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not so after ${WAIT / 1000} s: ${what}`)), WAIT);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function pause(milliseconds) {
    return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}
