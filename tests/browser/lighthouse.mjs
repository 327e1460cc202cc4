// What Lighthouse thinks of a page, as a telephone shows it.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const CATEGORIES = ['accessibility', 'best-practices', 'seo'];
const CLI = path.join(
    path.dirname(createRequire(import.meta.url).resolve('lighthouse/package.json')), 'cli/index.js',
);
const FLAGS = '--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage';

/** By category, from 0 to 100, and what costs points, as lines. */
export async function judge(url, chromium) {
    const { stdout } = await promisify(execFile)(process.execPath, [
        CLI, url, '--output=json', '--quiet', '--no-enable-error-reporting',
        `--only-categories=${CATEGORIES}`, `--chrome-flags=${FLAGS}`,
    ], { env: { ...process.env, CHROME_PATH: chromium }, maxBuffer: 64 << 20 });
    const { categories, audits } = JSON.parse(stdout);
    const costs = Object.values(categories).flatMap(({ auditRefs }) => auditRefs
        .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1)
        .map(({ id }) => `${id}: ${audits[id].title}`));
    const scores = CATEGORIES.map((name) => [name, Math.round(categories[name].score * 100)]);
    return { scores: Object.fromEntries(scores), costs };
}
