// Runs in every page of the preview, and nowhere else: shows what is wrong over the page, loads the
// page again when it has changed, and has a small bar that tells more about it.
//
// One open page follows the stream of news and tells the others: browsers keep few connections to
// one host, and a stream in every page would soon take all of them.
'use strict';
(() => {
    const { path, etag } = document.currentScript.dataset;
    const SCROLL = 'sitegen-scroll';
    const OPEN = 'sitegen-bar';
    const TAB = 'sitegen-tab';
    const LINKS_MAX = 200;
    const SHOWN_MAX = 20;

    let facts = { problems: [], elsewhere: [], elsewhere_count: 0, feed: null };
    let generation = -1;
    let reloads = false;
    let ended = false;
    let dismissed = '';
    let overlaid = '';
    let before = null;
    let links = null;

    // ---- making elements ----------------------------------------------------------------------

    function element(name, attributes = {}, ...children) {
        const made = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) {
            if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
            else if (value !== null && value !== false) made.setAttribute(key, value);
        }
        made.append(...children.filter((child) => child !== null));
        return made;
    }

    const host = element('sitegen-preview');
    const root = host.attachShadow({ mode: 'open' });
    const style = new CSSStyleSheet();
    style.replaceSync(`
        :host { all: initial; }
        * { box-sizing: border-box; }
        .bar, .overlay { font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; }
        button { font: inherit; color: inherit; cursor: pointer; border-radius: 4px;
            border: 1px solid #767676; background: #fff; padding: .3em .8em; }
        button:focus-visible, a:focus-visible { outline: 3px solid #1060c0; outline-offset: 2px; }
        .overlay { position: fixed; inset: 0; z-index: 2147483646; overflow: auto;
            background: rgb(0 0 0 / .55); padding: 4vh 1em; }
        .overlay > section { max-width: 56em; margin: 0 auto; background: #fff; padding: 1em 1.5em;
            border-top: 6px solid #c02020; border-radius: 4px; }
        .head { display: flex; gap: 1em; align-items: start; justify-content: space-between; }
        h2 { font-size: 1.15em; margin: 0; }
        article { border-top: 1px solid #ccc; margin-top: 1em; padding-top: .8em; }
        p { margin: .3em 0; overflow-wrap: anywhere; }
        .place, pre { font: 14px/1.45 ui-monospace, monospace; }
        .place { color: #444; }
        pre { background: #f2f2f2; padding: .6em .8em; margin: .5em 0;
            white-space: pre-wrap; overflow-wrap: anywhere; }
        mark { background: #ffd8d8; color: inherit; border-bottom: 2px solid #c02020; }
        .error > p:first-child { color: #a01010; font-weight: 600; }
        .warning > p:first-child { color: #704800; font-weight: 600; }
        .help::before { content: 'Help: '; font-weight: 600; }
        .bar { position: fixed; right: 8px; bottom: 8px; z-index: 2147483645;
            max-width: min(30em, calc(100vw - 16px)); text-align: right; }
        .bar > button { box-shadow: 0 1px 4px rgb(0 0 0 / .3); }
        .panel { width: min(30em, calc(100vw - 16px)); text-align: left;
            background: #fff; border: 1px solid #767676; border-radius: 4px;
            box-shadow: 0 2px 12px rgb(0 0 0 / .3); margin-bottom: 6px; padding: .8em 1em;
            max-height: 70vh; overflow: auto; }
        [role=tablist] { display: flex; gap: .4em; margin-bottom: .8em; flex-wrap: wrap; }
        [role=tab][aria-selected=true] { background: #1a1a1a; color: #fff; }
        dl { display: grid; grid-template-columns: auto 1fr; gap: .2em .8em; margin: 0; }
        dt { color: #444; } dd { margin: 0; overflow-wrap: anywhere; }
        ul { margin: 0; padding: 0; list-style: none; overflow-wrap: anywhere; }
        iframe { width: 100%; height: 18em; border: 1px solid #ccc; background: #fff;
            margin-top: .8em; }
        .card { border: 1px solid #ccc; border-radius: 8px; overflow: hidden; }
        .card img { display: block; width: 100%; aspect-ratio: 1.91; object-fit: cover; }
        .card div { padding: .6em .8em; }
        .card small { color: #444; }
        .card + p { margin-top: .8em; }
        @media (max-width: 30em) {
            dl { grid-template-columns: 1fr; gap: 0; }
            dd + dt { margin-top: .4em; }
        }
        @media (prefers-color-scheme: dark) {
            .bar, .overlay { color: #eee; }
            button, .overlay > section, .panel { background: #222; border-color: #888; }
            .overlay > section { border-color: #ff6060; }
            article, .card, iframe { border-color: #555; }
            .place, dt, .card small { color: #bbb; }
            pre { background: #333; }
            mark { background: #602020; border-color: #ff6060; }
            .error > p:first-child { color: #ff9090; } .warning > p:first-child { color: #ffc860; }
            [role=tab][aria-selected=true] { background: #eee; color: #111; }
        }
        @media print { .bar, .overlay { display: none; } }
    `);
    root.adoptedStyleSheets = [style];

    // ---- what is wrong ------------------------------------------------------------------------

    function place({ path, line, column }) {
        return line > 0 ? `${path}:${line}:${column}` : path;
    }

    function excerpt({ excerpt, column, length }) {
        if (excerpt === undefined) return null;
        // Columns count characters, not the halves that JavaScript counts.
        const characters = [...excerpt];
        const part = (from, to) => characters.slice(from, to).join('');
        const end = column - 1 + Math.max(length, 1);
        return element('pre', {}, part(0, column - 1),
            element('mark', {}, part(column - 1, end) || ' '), part(end));
    }

    function problem(found) {
        return element('article', { class: found.severity },
            element('p', {}, found.message),
            found.place ? element('p', { class: 'place' }, place(found.place)) : null,
            found.place ? excerpt(found.place) : null,
            found.also ? element('p', { class: 'place' }, `and ${place(found.also)}`) : null,
            found.help ? element('p', { class: 'help' }, found.help) : null);
    }

    function hideOverlay() {
        overlaid = '';
        root.querySelector('.overlay')?.remove();
        // Whoever was somewhere in the page goes on there.
        if (before?.isConnected) before.focus({ preventScroll: true });
        before = null;
    }

    function showOverlay() {
        const errors = facts.problems.filter(({ severity }) => severity === 'error');
        const shown = JSON.stringify([errors, facts.trouble]);
        const wanted = (errors.length > 0 || facts.trouble) && shown !== dismissed;
        // Whoever reads it is left in peace when the same is still wrong.
        if (wanted && shown === overlaid) return;
        if (!wanted) {
            if (overlaid !== '') hideOverlay();
            return;
        }
        const dismiss = () => {
            dismissed = shown;
            hideOverlay();
        };
        const count = errors.length === 1 ? 'One mistake' : `${errors.length} mistakes`;
        const title = errors.length > 0 ? count : 'The disk fails';
        if (overlaid === '') before = root.activeElement ?? document.activeElement;
        root.querySelector('.overlay')?.remove();
        overlaid = shown;
        root.append(element('div', {
            class: 'overlay',
            role: 'alertdialog',
            'aria-label': title,
            tabindex: '-1',
            onkeydown: (event) => { if (event.key === 'Escape') dismiss(); },
        }, element('section', {},
            element('div', { class: 'head' },
                element('h2', {}, title),
                element('button', { type: 'button', onclick: dismiss, title: 'Escape' }, 'Hide')),
            facts.trouble ? element('p', {}, facts.trouble) : null,
            ...errors.slice(0, SHOWN_MAX).map(problem),
            errors.length > SHOWN_MAX
                ? element('p', {}, `… and ${errors.length - SHOWN_MAX} more`) : null)));
        root.querySelector('.overlay button').focus({ preventScroll: true });
    }

    // ---- the bar ------------------------------------------------------------------------------

    function size(bytes) {
        const [unit, name] = bytes < 1e6 ? [1e3, 'kB'] : [1e6, 'MB'];
        return `${Math.round(bytes / unit * 10) / 10} ${name}`;
    }

    function weight() {
        const all = [...performance.getEntriesByType('navigation'),
            ...performance.getEntriesByType('resource')];
        // A style that has changed is one file, and links that were only looked at are none.
        const files = new Map();
        for (const { name, initiatorType, encodedBodySize } of all) {
            const { origin, pathname } = new URL(name);
            if (initiatorType === 'fetch' || pathname.startsWith('/.sitegen/')) continue;
            files.set(origin + pathname, encodedBodySize || 0);
        }
        const bytes = [...files.values()].reduce((sum, length) => sum + length, 0);
        return `${size(bytes)} in ${files.size} ${files.size === 1 ? 'file' : 'files'}`;
    }

    function withoutText() {
        const images = document.querySelectorAll('img:not([alt]), input[type=image]:not([alt])');
        const named = [...images].map((image) => image.getAttribute('src') ?? '');
        // An empty text is right for what only decorates, which is said in the page itself.
        const empty = [...document.querySelectorAll('main img[alt=""]:not([role], [aria-hidden])')];
        return [...named, ...empty.map((image) => `${image.getAttribute('src')} (empty text)`)];
    }

    // Every address of this site that the page leads to, and whether there is anything.
    async function findBroken() {
        const all = [...document.querySelectorAll('a[href], area[href], link[href], img[src], ' +
            'script[src], source[src], video[src], audio[src]')];
        const pages = new Set();
        const wrong = new Set();
        for (const item of all) {
            const address = item.getAttribute('href') ?? item.getAttribute('src') ?? '';
            // What is no address at all leads nowhere either.
            try {
                const url = new URL(address, document.baseURI);
                const name = decodeURIComponent(url.hash.slice(1));
                url.hash = '';
                const isHere = address.startsWith('#');
                if (isHere && name !== '' && document.getElementById(name) === null) {
                    wrong.add(address);
                }
                const isOurs = url.origin === location.origin;
                if (!isHere && isOurs && !url.pathname.startsWith('/.sitegen/')) pages.add(url.href);
            } catch {
                wrong.add(address);
            }
        }
        const waiting = [...pages].slice(0, LINKS_MAX);
        const broken = [...wrong];
        const ask = async () => {
            for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
                const answer = await fetch(url, { method: 'HEAD' }).catch(() => null);
                if (!answer?.ok) broken.push(new URL(url).pathname);
            }
        };
        await Promise.all([ask(), ask(), ask()]);
        return broken.sort();
    }

    function listed(items, none) {
        if (items === null || items === undefined) return 'looking …';
        if (items.length === 0) return none;
        return element('ul', {}, ...items.map((item) => element('li', {}, item)));
    }

    const WHY = {
        draft: 'a draft: `sitegen serve --drafts` shows it',
        future: 'dated in the future: `sitegen serve --future` shows it',
        expired: 'expired, and not shown any more',
    };

    function pagePanel() {
        const warnings = facts.problems.filter(({ severity }) => severity === 'warning');
        const rows = [['Made from', facts.source ?? '–'], ['Weight', weight()],
            ['Images without text', listed(withoutText(), 'none')],
            ['Broken links and pictures', listed(links, 'none')]];
        if (facts.state) rows.push(['State', `${facts.state}: only the preview shows it`]);
        if (facts.hidden) rows.push(['State', WHY[facts.hidden] ?? facts.hidden]);
        const row = ([name, value]) => [element('dt', {}, name), element('dd', {}, value)];
        const end = 'The preview has ended. Start it again, and this page comes back to life.';
        return [ended ? element('p', {}, end) : null,
            element('dl', {}, ...rows.flatMap(row)), ...warnings.map(problem),
            facts.elsewhere.length > 0 ? element('h2', {}, 'On other pages') : null,
            ...facts.elsewhere.map(problem),
            facts.elsewhere_count > facts.elsewhere.length
                ? element('p', {}, `… and ${facts.elsewhere_count - facts.elsewhere.length} more`)
                : null];
    }

    function feedPanel() {
        if (!facts.feed) {
            const why = 'Feeds do not have this page: only pages with a date are news.';
            return [element('p', {}, why)];
        }
        const { title, published, id, content } = facts.feed;
        const row = (name, value) => [element('dt', {}, name), element('dd', {}, value)];
        const head = '<meta name="color-scheme" content="light">' +
            '<style>body{font:15px/1.5 system-ui}img{max-width:100%}</style>';
        return [element('dl', {}, ...row('Title', title), ...row('Published', published),
            ...row('Id', id)),
        // It runs nothing; of this origin, because pictures of drafts are for no other.
        element('iframe', { sandbox: 'allow-same-origin', title: 'The entry',
            srcdoc: head + content })];
    }

    function meta(name) {
        const found = document.querySelector(`meta[property="${name}"], meta[name="${name}"]`);
        return found?.getAttribute('content') ?? null;
    }

    function cardPanel() {
        const title = meta('og:title') ?? document.title;
        const image = meta('og:image');
        const text = meta('og:description') ?? meta('description') ?? '';
        const canonical = document.querySelector('link[rel=canonical]')?.href ?? location.href;
        const host = meta('og:site_name') ?? new URL(canonical).host;
        const none = 'There is no picture: `image` in the front matter gives one.';
        return [element('div', { class: 'card' },
            image ? element('img', { src: image, alt: meta('og:image:alt') ?? '' }) : null,
            element('div', {}, element('small', {}, host),
                element('p', {}, element('strong', {}, title)), element('p', {}, text))),
        image ? null : element('p', {}, none)];
    }

    const TABS = { Page: pagePanel, Feed: feedPanel, 'Share card': cardPanel };

    // Whoever works on the card sees the card again after each save.
    let tab = sessionStorage.getItem(TAB) ?? 'Page';
    if (!Object.hasOwn(TABS, tab)) tab = 'Page';

    function choose(name) {
        tab = name;
        sessionStorage.setItem(TAB, tab);
        showBar();
    }

    function counted(number, what) {
        return number === 0 ? [] : [`${number} ${what}${number === 1 ? '' : 's'}`];
    }

    // What somebody should know without opening the bar.
    function told() {
        if (ended) return ' (ended)';
        const of = (wanted) => facts.problems.filter(({ severity }) => severity === wanted).length;
        const states = [facts.state, facts.hidden].filter((state) => state);
        const all = [...states, ...counted(of('error') + facts.elsewhere_count, 'mistake'),
            ...counted(of('warning'), 'warning')];
        return all.length > 0 ? `: ${all.join(', ')}` : '';
    }

    function showBar() {
        const open = localStorage.getItem(OPEN) === 'open';
        const said = `Preview${told()}`;
        const toggle = element('button', {
            type: 'button',
            'aria-expanded': String(open),
            onclick: () => {
                localStorage.setItem(OPEN, open ? '' : 'open');
                showBar();
                root.querySelector('.bar > button').focus();
            },
        }, said);
        const focused = root.activeElement?.textContent;
        root.querySelector('.bar')?.remove();
        const bar = element('aside', { class: 'bar', 'aria-label': 'Preview' });
        if (open) bar.append(panel());
        bar.append(toggle);
        root.prepend(bar);
        const again = [...root.querySelectorAll('.bar button')];
        again.find((button) => button.textContent === focused)?.focus({ preventScroll: true });
        if (open && links === null) {
            links = undefined;
            const looked = generation;
            findBroken().then((broken) => {
                if (looked !== generation) return;
                links = broken;
                showBar();
            });
        }
    }

    function panel() {
        const tabs = Object.keys(TABS).map((name) => element('button', {
            type: 'button',
            role: 'tab',
            'aria-selected': String(name === tab),
            onclick: () => choose(name),
        }, name));
        const shown = TABS[tab]().filter((child) => child !== null);
        return element('div', { class: 'panel' }, element('div', { role: 'tablist' }, ...tabs),
            element('div', { role: 'tabpanel' }, ...shown));
    }

    // ---- news ---------------------------------------------------------------------------------

    function reload() {
        if (document.visibilityState !== 'visible') {
            reloads = true;
            return;
        }
        sessionStorage.setItem(SCROLL, JSON.stringify([location.pathname, scrollX, scrollY]));
        location.reload();
    }

    function scrollBack() {
        const [where, x, y] = JSON.parse(sessionStorage.getItem(SCROLL) ?? '[]');
        sessionStorage.removeItem(SCROLL);
        if (where === location.pathname) scrollTo({ left: x, top: y, behavior: 'instant' });
    }

    // A style is put beside the old one, which goes when the new one is there: nothing flickers.
    // Without names, any of them may have changed.
    function swap(styles) {
        const found = new Set();
        for (const link of document.querySelectorAll('link[rel~=stylesheet][href]')) {
            const url = new URL(link.href);
            if (url.origin !== location.origin) continue;
            if (styles && !styles.includes(url.pathname)) continue;
            found.add(url.pathname);
            url.searchParams.set('v', generation);
            const next = link.cloneNode();
            next.href = url;
            next.addEventListener('load', () => link.remove());
            next.addEventListener('error', () => link.remove());
            link.after(next);
        }
        return !styles || styles.every((style) => found.has(style));
    }

    async function receive(news) {
        if (news.ended) {
            ended = true;
            showBar();
            return;
        }
        const answer = await fetch(`/.sitegen/page.json?path=${path}`).catch(() => null);
        if (!answer?.ok) return;
        const next = await answer.json();
        // Another preview counts from the beginning.
        if (news.again) generation = -1;
        // A later one may have come first.
        if (next.generation < generation) return;
        const isNew = generation !== -1 && next.generation !== generation;
        if (next.generation !== generation) links = null;
        [facts, generation, ended] = [next, next.generation, false];
        showOverlay();
        showBar();
        if (news.navigate && document.visibilityState === 'visible' &&
            news.navigate !== location.pathname) {
            location.assign(news.navigate);
        } else if (news.reload || (facts.etag !== null && facts.etag !== etag)) {
            reload();
        } else if ((news.styles || isNew || news.again) && !swap(news.styles)) {
            // It may come by way of another one.
            reload();
        }
    }

    function follow(channel) {
        const stream = new EventSource('/.sitegen/news');
        const tell = (news) => {
            channel?.postMessage(news);
            receive(news);
        };
        stream.addEventListener('message', ({ data }) => {
            tell({ ...JSON.parse(data), again: ended });
        });
        stream.addEventListener('error', () => tell({ ended: true }));
        addEventListener('pagehide', () => stream.close());
        return new Promise(() => {});
    }

    document.addEventListener('visibilitychange', () => { if (reloads) reload(); });
    addEventListener('pageshow', ({ persisted }) => { if (persisted) location.reload(); });
    addEventListener('load', scrollBack);
    document.documentElement.append(host);
    scrollBack();
    // Locks are there on this machine and over https, not in a network.
    if (navigator.locks) {
        const channel = new BroadcastChannel('sitegen');
        channel.addEventListener('message', ({ data }) => receive(data));
        navigator.locks.request('sitegen-news', () => follow(channel));
        receive({});
    } else {
        follow(null);
    }
})();
