// Turns docs/*.md into the static pages under /docs: one file a page, our own style and script, nothing inline and nothing from elsewhere.
// Plain JavaScript: it runs inside the console's build. Broken links between pages fail the build.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Marked } from 'marked';
import { SECTIONS } from './nav.js';

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escapeHtml = (text) => text.replace(/[&<>"]/g, (found) => ESCAPES[found]);

/** The anchor of a heading, as code hosts make it. */
export function slugOf(text) {
  return text
    .toLowerCase()
    .replace(/<[^>]*>|&[a-z]+;/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Where a link of a page leads on the site; `null` when there is no such place. */
function placeOf(href, from, pages) {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const [path, anchor] = href.split('#', 2);
  const parts = [...from.split('/').slice(0, -1)];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  const name = parts.join('/').replace(/\.md$/, '');
  const page = name === 'README' || name === '' ? '' : pages.has(name) ? name : pages.has(`${name}/README`) ? name : null;
  if (page === null) return null;
  return `/docs${page === '' ? '' : `/${page.replace(/\/README$/, '')}`}${anchor === undefined ? '' : `#${anchor}`}`;
}

function renderer(name, pages, found) {
  const seen = new Map();
  const missing = (what) => {
    throw new Error(`docs/${name}.md: there is no ${what}`);
  };
  return {
    heading({ tokens, depth }) {
      const html = this.parser.parseInline(tokens);
      const slug = slugOf(html);
      const nth = seen.get(slug) ?? 0;
      seen.set(slug, nth + 1);
      const id = nth === 0 ? slug : `${slug}-${nth}`;
      if (depth === 1) found.title = html;
      if (depth === 2) found.contents.push({ id, html });
      found.anchors.add(id);
      return `<h${depth} id="${id}">${html}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      const to = placeOf(href, name, pages);
      if (to === null) {
        // A file of the source tree: named, since the site does not serve it.
        if (!existsSync(join(found.root, href))) missing(`page ${href}`);
        return `${this.parser.parseInline(tokens)} (<code>${escapeHtml(href.replace(/^(\.\.\/)+/, ''))}</code>)`;
      }
      if (to.startsWith('#')) found.links.push(`/docs/${name}${to}`);
      else if (to.startsWith('/docs')) found.links.push(to);
      const rel = to.startsWith('http') ? ' rel="noreferrer"' : '';
      return `<a href="${escapeHtml(to)}"${rel}>${this.parser.parseInline(tokens)}</a>`;
    },
    image({ href, text }) {
      const file = join(found.root, href);
      if (!existsSync(file)) missing(`picture ${href}`);
      // A drawing of ours stands in the page, so that it takes the page's colours; its title and description are read out.
      if (href.endsWith('.svg')) return `<span class="picture" tabindex="0">${readFileSync(file, 'utf8')}</span>`;
      const copy = basename(href);
      found.pictures.set(`docs/pictures/${copy}`, file);
      return `<img src="/docs/pictures/${escapeHtml(copy)}" alt="${escapeHtml(text)}" loading="lazy">`;
    },
    code({ text, lang }) {
      const words = lang ? ` data-language="${escapeHtml(lang.split(/\s/, 1)[0])}"` : '';
      return `<pre tabindex="0"${words}><code>${escapeHtml(text)}\n</code></pre>\n`;
    },
    table({ header, rows }) {
      const cell = (tag, { tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`;
      const head = header.map((entry) => cell('th', entry)).join('');
      const body = rows.map((row) => `<tr>${row.map((entry) => cell('td', entry)).join('')}</tr>`).join('\n');
      return `<div class="wide" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>\n`;
    },
    html({ text }) {
      if (/^\s*<!--[\s\S]*-->\s*$/.test(text)) return '';
      return missing(`markup allowed: ${text.slice(0, 40)}`);
    },
  };
}

/** Names of all pages below `docs/`, without `.md`. */
export function pageNames(root) {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md'))
    .map((path) => path.slice(0, -'.md'.length))
    .sort();
}

function renderPage(name, pages, root) {
  const found = { title: name, contents: [], anchors: new Set(), links: [], pictures: new Map(), root: join(root, name, '..') };
  const marked = new Marked({ gfm: true });
  marked.use({ renderer: renderer(name, pages, found) });
  return { name, body: marked.parse(readFileSync(join(root, `${name}.md`), 'utf8')), ...found };
}

const addressOf = (name) => (name === 'README' ? '/docs' : `/docs/${name.replace(/\/README$/, '')}`);

function navigation(current, titles) {
  const item = (name) => {
    const here = name === current ? ' aria-current="page"' : '';
    return `<li><a href="${addressOf(name)}"${here}>${titles.get(name) ?? name}</a></li>`;
  };
  const sections = SECTIONS.map(({ title, pages }) => `<h2>${title}</h2><ul>${pages.map(item).join('')}</ul>`).join('');
  const decisions = [...titles.keys()].filter((name) => name.startsWith('adr/'));
  return `${sections}<h2>Decisions</h2><ul>${decisions.map(item).join('')}</ul>`;
}

function shell(page, titles) {
  const contents =
    page.contents.length < 2
      ? ''
      : `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${page.contents
          .map(({ id, html }) => `<li><a href="#${id}">${html}</a></li>`)
          .join('')}</ul></nav>`;
  const title = page.title.replace(/<[^>]*>/g, '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Sallyport</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header class="top"><a class="brand" href="/docs"><img src="/icon.svg" alt="" width="24" height="24">Sallyport <span>Documentation</span></a><a href="/">Open the console</a></header>
<div class="columns">
<details class="menu"><summary>All pages</summary><nav aria-label="Pages">${navigation(page.name, titles)}</nav></details>
<main id="content" tabindex="-1">
${page.body}</main>
${contents}
</div>
</body>
</html>
`;
}

function checkLinks(pages) {
  const anchors = new Map(pages.map((page) => [addressOf(page.name), page.anchors]));
  for (const page of pages) {
    for (const link of page.links) {
      const [address, anchor] = link.split('#', 2);
      const known = anchors.get(address);
      if (known === undefined || (anchor !== undefined && !known.has(anchor)))
        throw new Error(`docs/${page.name}.md: ${link} leads nowhere`);
    }
  }
}

/** Path below the built folder to its content: text, or the file to copy. */
export function renderDocs(root, styles) {
  const names = new Set(pageNames(root));
  const pages = [...names].map((name) => renderPage(name, names, root));
  checkLinks(pages);
  const titles = new Map(pages.map((page) => [page.name, page.title]));
  const texts = pages.map((page) => [`${addressOf(page.name).slice(1)}/index.html`, shell(page, titles)]);
  const own = ['docs.css', 'docs.js'].map((file) => [`docs/${file}`, readFileSync(join(import.meta.dirname, file), 'utf8')]);
  return {
    texts: new Map([...texts, ...own.map(([path, text]) => [path, path.endsWith('.css') ? `${styles}\n${text}` : text])]),
    copies: new Map(pages.flatMap((page) => [...page.pictures])),
  };
}
