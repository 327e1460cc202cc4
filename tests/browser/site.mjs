// A small site whose pages are long enough to scroll.

export const TITLE = 'The Party';

const PARAGRAPH = 'The last bus leaves at ten to six, and whoever works until six walks home along '
    + 'the river. We asked the council why, and the council asked the company.';

export function post(title, text = '', more = '') {
    const long = Array.from({ length: 40 }, (_, at) => `${at + 1}. ${PARAGRAPH}`).join('\n\n');
    return `+++\ntitle = "${title}"\ndate = 2026-05-01\n${more}+++\n\nThe beginning.\n\n${text}\n\n`
        + `${long}\n\nThe end.\n`;
}

const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    + '<path fill="#17693a" d="M0 0h40v20H0z"/></svg>\n';

export const FILES = {
    'site.toml': `base_url = "https://party.example"\ntitle = "${TITLE}"\n\n`
        + '[markdown]\nraw_html = true\n',
    'content/_index.md': '+++\ntitle = "Welcome"\n+++\n\nThis is the front page.\n',
    'content/about.md': '+++\ntitle = "About us"\ntemplate = "about.html"\n+++\n\nWho we are.\n',
    'content/news/buses.md': post('Buses after six', 'The old sentence.'),
    'content/news/bridge.md': post('The bridge', '![A green field](/field.svg)'),
    'content/news/sloppy.md': post(
        'A sloppy page',
        '<p><img src="/field.svg"> <a href="/nowhere/">nothing</a></p>',
    ),
    'static/own.css': '.menu { outline: 1px solid rgb(1, 1, 1); }\n',
    'static/field.svg': PICTURE,
    // A page with a style of its own, beside that of the theme.
    'themes/campaign/templates/about.html': '{% extends "base.html" %}\n{% block head %}'
        + '<link rel="stylesheet" href="{{ site.root }}own.css">{% endblock head %}\n'
        + '{% block main %}{{ page.content }}{% endblock main %}\n',
};
