// Looks up what is typed in the index beside the page, and shows what is found. Words are cut as in
// words.rs. Nothing that is typed leaves the browser, but for the names of the parts that it loads.
"use strict";

const form = document.querySelector("[data-search]");
const { search: base, depth, pagesInFile, none, one, many, failed } = form.dataset;
const field = form.querySelector("input[type=search]");
const list = document.querySelector("[data-search-results]");
const status = document.querySelector("[data-search-status]");
const WORD_CHARS_MAX = 32;
const SHOWN_MAX = 30;
const WAIT_MS = 150;
const WRITTEN_OUT = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i" };

const folded = (text) =>
  text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "")
    .replace(/[ßæœøđðłþı]/g, (letter) => WRITTEN_OUT[letter]);

const words = (text) =>
  (folded(text).match(/[\p{Alphabetic}\p{N}]+/gu) ?? [])
    .map((word) => [...word].slice(0, WORD_CHARS_MAX).join(""))
    .filter((word) => [...word].length > 1);

const initial = (letter) => (/[a-z]/.test(letter) ? letter : /\p{N}/u.test(letter) ? "0" : "_");

const part = (word) =>
  [...word].slice(0, Number(depth)).map(initial).join("").padEnd(Number(depth), "_");

const loaded = new Map();

function load(name) {
  if (!loaded.has(name)) {
    const answer = fetch(`${base}${name}.json`).then((response) => {
      if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
      return response.json();
    });
    // What was not there may be there when it is asked for again.
    answer.catch(() => loaded.delete(name));
    loaded.set(name, answer);
  }
  return loaded.get(name);
}

// By number of the page: what a word, or one that begins with it, counts there.
async function pagesWith(word) {
  const index = await load(`words/${part(word)}`);
  const found = new Map();
  for (const [known, pages] of Object.entries(index)) {
    if (!known.startsWith(word)) continue;
    const worth = known === word ? 2 : 1;
    for (let at = 0; at < pages.length; at += 2) {
      found.set(pages[at], (found.get(pages[at]) ?? 0) + worth * pages[at + 1]);
    }
  }
  return found;
}

// The numbers of the pages that have all words, the best first, then the newest.
async function find(wanted) {
  const each = await Promise.all(wanted.map(pagesWith));
  const [first, ...others] = each;
  const inAll = [...first.keys()].filter((page) => others.every((found) => found.has(page)));
  const worth = (page) => each.reduce((sum, found) => sum + found.get(page), 0);
  return inAll.sort((a, b) => worth(b) - worth(a) || b - a);
}

async function shown(number) {
  const size = Number(pagesInFile);
  const pages = await load(`pages/${Math.floor(number / size)}`);
  const [title, url, description, date] = pages[number % size];
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = url;
  link.textContent = title;
  item.append(link);
  for (const [text, name] of [[date, "search-date"], [description, "search-text"]]) {
    if (!text) continue;
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    item.append(line);
  }
  return item;
}

// What was typed since makes an answer old.
let question = 0;

async function answer() {
  const mine = ++question;
  const wanted = [...new Set(words(field.value))];
  const address = new URL(location.href);
  if (field.value) address.searchParams.set("q", field.value);
  else address.searchParams.delete("q");
  history.replaceState(null, "", address);
  let items = [];
  let said = "";
  try {
    if (wanted.length) {
      const found = await find(wanted);
      items = await Promise.all(found.slice(0, SHOWN_MAX).map(shown));
      const text = found.length === 0 ? none : found.length === 1 ? one : many;
      said = text.replace("{count}", found.length);
    }
  } catch (error) {
    said = failed;
    console.warn(error);
  }
  if (mine !== question) return;
  list.replaceChildren(...items);
  status.textContent = said;
}

let timer;
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(answer, WAIT_MS);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  answer();
});
form.hidden = false;
field.value = new URL(location.href).searchParams.get("q") ?? "";
if (field.value) answer();
