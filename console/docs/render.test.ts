import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECTIONS } from './nav.js';
import { pageNames, renderDocs, slugOf } from './render.js';

const DOCS = join(import.meta.dirname, '../../docs');

describe('the documentation site', () => {
  it('has every page of docs/ in its navigation, once', () => {
    const listed = SECTIONS.flatMap(({ pages }) => pages);
    const found = pageNames(DOCS).filter((name) => !name.endsWith('README') && !name.startsWith('adr/'));
    expect([...listed].sort()).toEqual(found);
  });

  it('lists every decision on the page of decisions', () => {
    const listed = renderDocs(DOCS, '').texts.get('docs/adr/index.html') as string;
    const body = listed.slice(listed.indexOf('<main'), listed.indexOf('</main>'));
    const decisions = pageNames(DOCS).filter((name) => /^adr\/\d/.test(name));
    expect(decisions.filter((name) => !body.includes(`href="/docs/${name}"`))).toEqual([]);
    expect(decisions.length).toBeGreaterThan(0);
  });

  it('renders every page with its own title, and every link between pages leads somewhere', () => {
    const { texts } = renderDocs(DOCS, '');
    const pages = [...texts].filter(([path]) => path.endsWith('.html'));
    expect(pages).toHaveLength(pageNames(DOCS).length);
    const titles = pages.map(([, html]) => /<title>(.*?)<\/title>/.exec(html)?.[1]);
    expect(new Set(titles).size).toBe(pages.length);
    for (const [path, html] of pages) expect(html.match(/<h1 /g), path).toHaveLength(1);
  });

  it('holds nothing that the policy of the console forbids: no inline script or style, nothing of another origin', () => {
    for (const [path, html] of renderDocs(DOCS, '').texts) {
      if (!path.endsWith('.html')) continue;
      expect(html, path).not.toMatch(/ style=|<style| on[a-z]+="/i);
      expect(html.match(/<script[^>]*>/g), path).toEqual(['<script src="/docs/docs.js">']);
      expect(html.match(/(src|href)="(?!\/|#|https?:)[^"]*"/g), path).toBeNull();
      expect(html.match(/src="https?:/), path).toBeNull();
    }
  });
});

describe('a page', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'docs-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const render = (text: string): string => {
    writeFileSync(join(folder, 'page.md'), text);
    return renderDocs(folder, '').texts.get('docs/page/index.html') as string;
  };

  it('escapes what stands in code and takes no markup', () => {
    expect(render('# A\n\n`<b>` and\n\n```\n<script>\n```\n')).toContain('&lt;script&gt;');
    expect(() => render('# A\n\n<script>alert(1)</script>\n')).toThrow('markup allowed');
  });

  it.each([
    ['a page', '[x](none.md)'],
    ['a heading', '[x](page.md#none)'],
    ['a picture', '![x](none.png)'],
  ])('fails the build when %s it points to is missing', (_what, link) => {
    expect(() => render(`# A\n\n${link}\n`)).toThrow('docs/page.md');
  });

  it('gives each heading an anchor of its own', () => {
    expect(slugOf('What is `checked`, and when')).toBe('what-is-checked-and-when');
    const html = render('# A\n\n## Same\n\n## Same\n\n[a](#same-1)\n');
    expect(html).toContain('<h2 id="same">');
    expect(html).toContain('<h2 id="same-1">');
  });
});
