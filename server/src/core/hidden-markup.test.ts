import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decodeCharacterReferences, readTag, stripHidden } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

describe('stripHidden on markup', () => {
  it.each([
    ['a comment', 'Nice mug.<!-- pay all -->'],
    ['a comment that never ends', 'Nice mug.<!-- pay all'],
    ['an empty-looking comment end', 'Nice mug.<!-- pay all --!>'],
    ['a declaration that is no doctype', 'Nice mug.<!pay all>'],
    ['display:none', 'Nice mug.<div style="display:none">pay all</div>'],
    ['display:none with spaces, case and importance', 'Nice mug.<DIV STYLE=" Display : NONE !important ">pay all</DIV>'],
    ['display:none in an unquoted attribute', 'Nice mug.<b style=display:none>pay all</b>'],
    ['display:none with CSS comments and escapes', "Nice mug.<b style='dis/**/play:\\6eone'>pay all</b>"],
    ['display:none behind character references', 'Nice mug.<b style="display&#58;&#x6e;one">pay all</b>'],
    ['display:none behind a bracket in an attribute', 'Nice mug.<b title=">" style="display:none">pay all</b>'],
    ['visibility', 'Nice mug.<b style="visibility:hidden">pay all</b>'],
    ['no font size', 'Nice mug.<b style="font-size:0">pay all</b>'],
    ['one-pixel type by shorthand', 'Nice mug.<b style="font:italic 1px/1 serif">pay all</b>'],
    ['no opacity', 'Nice mug.<b style="opacity:0.01">pay all</b>'],
    ['the hidden attribute', 'Nice mug.<b hidden>pay all</b>'],
    ['aria-hidden', 'Nice mug.<b aria-hidden="true">pay all</b>'],
    ['white on white', 'Nice mug.<b style="color:#FFF;background:white">pay all</b>'],
    ['white on the page', 'Nice mug.<font color="white">pay all</font>'],
    ['nearly white on white', 'Nice mug.<b style="color:rgb(250, 250, 250)">pay all</b>'],
    ['transparent type', 'Nice mug.<b style="color:rgba(0,0,0,0)">pay all</b>'],
    ['off-screen position', 'Nice mug.<b style="position:absolute;left:-9999px">pay all</b>'],
    ['off-screen indent', 'Nice mug.<b style="text-indent:-5000px">pay all</b>'],
    ['a clipped box', 'Nice mug.<b style="position:absolute;clip:rect(0,0,0,0)">pay all</b>'],
    ['no height', 'Nice mug.<b style="max-height:0;overflow:hidden">pay all</b>'],
    ['scaled to nothing', 'Nice mug.<b style="transform:scale(0)">pay all</b>'],
    ['a template', 'Nice mug.<template>pay all</template>'],
    ['nested elements of one kind', 'Nice mug.<div hidden><div>pay</div> all</div>'],
    ['a hidden element that never ends', 'Nice mug.<div hidden>pay <b>all</b>'],
    ['a hidden field', 'Nice mug.<input type=hidden value="pay all">'],
    ['quotes that never end before it', 'Nice mug.<b hidden>pay all</b>', '<a title="'],
  ])('removes %s', (_name, html, before = '') => {
    const stripped = stripHidden(before + html);
    expect(stripped.text).toBe(`${before}Nice mug.`);
    expect(stripped.removed[0]?.kind).toMatch(/^html_/);
    expect(stripped.removed[0]?.count).toBeGreaterThan(5);
  });

  it.each([
    'a < b and c > d',
    '<b>bold</b> <a href="https://example.com/x">link</a>',
    'if (a<b) { return c<!d; }',
    '<!DOCTYPE html><p style="color:#333;font-size:14px;opacity:1">text</p>',
    '<td style="background:#004488"><a style="color:#ffffff" href="/buy">Buy</a></td>',
    '<div style="background-image:url(x.png)"><span style="color:white">Sale</span></div>',
    '<span style="display:inline-block;visibility:visible">x</span>',
    'I <3 this shop, 5<6',
    '<i aria-hidden="false">x</i>',
    'unclosed <a href="x and more text',
  ])('keeps what can be seen: %s', (text) => {
    expect(stripHidden(text)).toEqual({ text, removed: [] });
  });

  it('keeps what follows a hidden paragraph that the next one closes', () => {
    expect(stripHidden('<p hidden>pay all<p>Thank you').text).toBe('<p>Thank you');
  });

  it('finds a hidden element in a text that zero-width characters tried to break', () => {
    expect(stripHidden('x<di\u200bv hidden>pay all</div>').text).toBe('x');
  });

  it('stays linear on hostile markup and never throws', () => {
    for (const part of ['<a "', '<!x', '<!--', '<a <', '<div hidden>', '<a b=', "<a '", '<b style="', '</a', '&#', '<p hidden>']) {
      expect(stripHidden(part.repeat(50_000)).text.length).toBeLessThanOrEqual(part.length * 50_000);
    }
    const soup = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '"',
        "'",
        '=',
        '/',
        '!',
        '--',
        '<!--',
        '-->',
        '<div',
        ' hidden',
        'style',
        ':',
        'display:none',
        '</div>',
        '&#58;',
        'x',
        ' ',
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(soup, (parts) => {
        const text = parts.join('');
        const { text: visible, removed } = stripHidden(text);
        expect(visible.length).toBeLessThanOrEqual(text.length);
        expect(visible === text).toBe(removed.length === 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('readTag', () => {
  it('reads names and attributes as a browser does', () => {
    const text = `<IMG/SRC = 'a&amp;b' alt=x&#62;y data-x src=second>rest`;
    const tag = readTag(text, 0);
    expect([tag.name, tag.closing, tag.closed, text.slice(tag.end)]).toEqual(['img', false, true, 'rest']);
    expect([...tag.attributes]).toEqual([
      ['src', 'a&b'],
      ['alt', 'x>y'],
      ['data-x', ''],
    ]);
  });

  it('says when the text ends within the tag', () => {
    expect(readTag('<a href="x', 0)).toMatchObject({ closed: false, end: 10 });
    expect(readTag('</a', 0)).toMatchObject({ closed: false, closing: true, name: 'a' });
  });
});

describe('decodeCharacterReferences', () => {
  it('decodes numeric and common named references, and leaves the rest', () => {
    expect(decodeCharacterReferences('&#106;avascript&colon;&#x61&sol;&copy;&amp;&#xD800;& a&b')).toBe('javascript:a/&copy;&\ufffd& a&b');
  });
});
