// The site of the benchmark for Eleventy: the same pages, lists and feeds.

const PER_PAGER = 20;
const words = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

export default function (config) {
  config.setQuietMode(true);
  config.addFilter("iso", (date) => date.toISOString());
  config.addFilter("words", (date) => words.format(date));
  config.addFilter("mail", (date) => date.toUTCString());
  config.addFilter("summary", (html) => html.slice(0, html.indexOf("</p>") + 4));
  config.addCollection("blog", blog);
  config.addCollection("terms", (api) => terms(blog(api)));
  config.addCollection("pagers", (api) => {
    const posts = blog(api);
    const tags = terms(posts).flatMap((term) => pagers(term.name, term.url, term.posts));
    const front = pagers("Bench", "/", posts.slice(0, 10));
    return [...front, ...pagers("Posts", "/posts/", posts), ...tags];
  });
  return { markdownTemplateEngine: false };
}

// Newest first, each with its neighbours.
function blog(api) {
  const posts = api.getFilteredByGlob("posts/*.md").reverse();
  posts.forEach((post, index) => {
    post.data.newer = neighbour(posts[index - 1]);
    post.data.older = neighbour(posts[index + 1]);
  });
  return posts;
}

function neighbour(post) {
  return post && { url: post.url, title: post.data.title };
}

function terms(posts) {
  const found = new Map();
  for (const post of posts) {
    for (const name of post.data.tags) {
      if (!found.has(name)) found.set(name, { name, url: `/tags/${name}/`, posts: [] });
      found.get(name).posts.push(post);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function pagers(title, address, posts) {
  const count = Math.ceil(posts.length / PER_PAGER) || 1;
  const url = (index) => (index === 1 ? address : `${address}page/${index}/`);
  return Array.from({ length: count }, (_, at) => ({
    title,
    count,
    index: at + 1,
    url: url(at + 1),
    previous: at > 0 && url(at),
    next: at + 1 < count && url(at + 2),
    posts: posts.slice(at * PER_PAGER, (at + 1) * PER_PAGER),
  }));
}
