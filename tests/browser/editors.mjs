// Editors save in many ways. Each save is one change, and nobody sees what was in between.

import assert from 'node:assert/strict';
import fs from 'node:fs';

import { pause, until } from './harness.mjs';

const FILE = 'content/news/buses.md';

const WAYS = {
    'in place': (site, text) => site.write(FILE, text),
    'under another name that is then changed': (site, text) => {
        site.write('content/news/.buses.md.k3x', text);
        site.rename('content/news/.buses.md.k3x', FILE);
    },
    'as Vim does': (site, text) => {
        site.write('content/news/4913', '');
        site.remove('content/news/4913');
        site.rename(FILE, `${FILE}~`);
        site.write(FILE, text);
        site.remove(`${FILE}~`);
    },
    'as Vim does, with a swap file beside': (site, text) => {
        const swap = 'content/news/.buses.md.swp';
        site.write(swap, 'b0VIM');
        WAYS['as Vim does'](site, text);
        site.write(swap, 'b0VIM again');
        site.remove(swap);
    },
    'as Emacs does, with a lock beside': (site, text) => {
        const lock = site.at('content/news/.#buses.md');
        fs.symlinkSync('nia@laptop.4711:1', lock);
        site.rename(FILE, `${FILE}~`);
        site.write(FILE, text);
        fs.unlinkSync(lock);
        site.remove(`${FILE}~`);
    },
};

export async function editors(checks, { site, page, preview, says }) {
    await page.goto(`${preview.url}news/buses/`);
    let last = 'The end.';
    for (const [how, save] of Object.entries(WAYS)) {
        await checks.run(`a text that is saved ${how} is one change`, async () => {
            const before = preview.of('changed').length;
            const next = `Saved ${how}.`;
            save(site, site.read(FILE).replace(last, next));
            last = next;
            await says(page, next);
            await until('the preview has said so', () => preview.of('changed').length > before);
            // Anything else would follow at once.
            await pause(500);
            const said = preview.of('changed').slice(before).map(({ files }) => files);
            assert.deepEqual(said, [[FILE]]);
        });
    }
    await checks.run('files that editors leave beside a text are no change', async () => {
        const before = preview.of('changed').length;
        const beside = [`${FILE}~`, 'content/news/.buses.md.swp'];
        for (const name of beside) site.write(name, 'x');
        await pause(500);
        for (const name of beside) site.remove(name);
        await pause(500);
        assert.deepEqual(preview.of('changed').slice(before), []);
    });
}
