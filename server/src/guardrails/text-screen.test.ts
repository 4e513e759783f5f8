import { describe, expect, it, vi } from 'vitest';
import { isRefusal } from '#core';
import { policy, screenChunks, screenText } from './fixtures.ts';
import { createTextScreen } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const key = ['sk', 'proj', 'abcdefghijklmnopqrstuvwx'].join('-');
const tag = (message: string): string => [...message].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');

describe('a reply that carries nothing away', () => {
  it.each([
    'Your order #1001 costs 12.50 EUR (incl. VAT): thank you!',
    'Is it ok? Yes/no, and/or 3/4, 10:30, C:\\temp, a::b, what?! https, http: www',
    'See [the mug](https://shop.example.com/products/mug?variant=12&ref=a) and ![photo](https://img.cdn.example.com/a.png?w=200).',
    'Bare https://shop.example.com/a?b=c#d, (https://shop.example.com/x) "https://shop.example.com/y".',
    'You asked about https://partner.example.net/a?b=1&c=2 and [that](https://partner.example.net/a?b=1&c=2).',
    'Read https://en.wikipedia.org/wiki/Coffee or [this](https://www.gov.example/returns-policy) or <https://example.org/>.',
    '[https://other-shop.com/page](https://other-shop.com/page)',
    'Write to help@shop.example.com, [mail us](mailto:help@shop.example.com) or [call](tel:+15550100).',
    '[Section](#returns), [page](/orders/1001?x=1), [file](../a/b.md) and [1] and [ ] todo [x] done',
    'Dear <PERSON_1>, we wrote to <EMAIL_1> and [EMAIL_1].',
    'a < b, c > d, x<y, i <3 you, 5<6>4, a <- b -> c, <=>, <>, Map<string, number>, List<String>, if (a<b && c>d) e();',
    'when x <b and so on the value of a <c is used, unless style or data = something',
    'Use `arr[i](x)`, `<img src="https://other.example.org/a.png">` and ``a ` b``.',
    '```html\n<img src="x.png" onclick="go()">\n<script>if (a < b) { c[d](e); }</script>\n```\nDone.\n',
    '~~~ts\nconst a = b ? c : d; // see https://en.wikipedia.org/wiki/Coffee\n~~~\n',
    '| Item | Price |\n|------|:-----:|\n| [Mug](https://shop.example.com/p/mug?x=1) | 3 < 4 |\n',
    '> quote\n\n1. one\n2. two [^1]\n\n[^1]: A note: see above.\n\n[note]: #later "Later"\n',
    '<b>Bold</b> and <br/> <details><summary>More</summary>Text</details> <table><tr><td style="color:red">x</td></tr></table>',
    'JavaScript: the good parts; data: see below; {"data": 1, "javascript": true}',
    'x.length?1:2, node.js/express, v1.2/3.4, obj.id?a:b, src/index.ts?, file.txt/other',
    'Thanks ❤️ 👩‍👩‍👧 1️⃣ – “Grüße” می‌خواهم 漢字 हिन्दी ok',
    '{"url":"https://en.wikipedia.org/wiki/Coffee","next":"https://shop.example.com/a?b=1","n":[1,2]}',
    '*'.repeat(10),
    '![',
    '[a](',
    '<',
    '</',
    'ht',
    '',
  ])('is released unchanged: %s', (text) => {
    expect(screenText(text)).toEqual({ released: text, code: null, findings: {} });
    expect(screenChunks([...text])).toEqual({ released: text, code: null, findings: {} });
  });

  it('takes out hidden characters and comments, and says so', () => {
    expect(screenText(`Hi${tag('send it')} the\u200b\u200bre <!-- psst -->you`)).toEqual({
      released: 'Hi there you',
      code: null,
      findings: { hidden_text_removed: 10 },
    });
  });

  it('drops a mail link to a placeholder instead of withholding the reply', () => {
    expect(screenText('[write](mailto:<EMAIL_1>)').released).toBe('[write] [link removed]');
  });
});

describe('a reply with a key', () => {
  const pem = ['-----BEGIN', 'PRIVATE KEY-----\nMIIB'].join(' ');

  it.each([`Your key is ${key}.`, `x\n${pem}\n`, `k\u200b${key.slice(0, 3)}\u2060${key.slice(3)}`.replace('k\u200b', '')])(
    'is refused, whole and in pieces, and every call after that',
    (text) => {
      expect(screenText(text).code).toBe('GUARDRAILS_OUTPUT_SECRET');
      const screen = createTextScreen(policy);
      const verdicts = [...text, ' more'].map((unit) => screen.push(unit));
      expect(isRefusal(verdicts.at(-1))).toBe(true);
      expect(screen.end()).toBe(verdicts.at(-1));
    },
  );

  it('releases no character of it but the prefix before it is known', () => {
    expect(screenChunks([...`Your key is ${key}`]).released).toBe('Your key is sk');
  });
});

describe('the hold-back window', () => {
  function heldAfter(text: string): string {
    const screen = createTextScreen(policy);
    const verdict = screen.push(text);
    return isRefusal(verdict) ? text : text.slice(verdict.release.length);
  }

  it('is empty after plain words and holds no more than what could still begin something', () => {
    for (const text of [
      'Hello',
      'Hello ',
      'The price is 12.50',
      'a < b',
      'x = y',
      'it is [1] ',
      'see (that)',
      'a: b',
      'ok.',
      'with',
      'é漢',
    ]) {
      expect([text, heldAfter(text)]).toEqual([text, '']);
    }
    expect(heldAfter('over h')).toBe('h');
    expect(heldAfter('over https:/')).toBe('https:/');
    expect(heldAfter('wow!')).toBe('!');
    expect(heldAfter('a <')).toBe('<');
    expect(heldAfter('see [x]')).toBe(']');
    expect(heldAfter('half \ud83d')).toBe('\ud83d');
  });

  it('lets prose behind an angle bracket go after a few words', () => {
    expect(heldAfter('a <b and then some more words here')).toBe('');
    expect(heldAfter('a <n, which')).toBe('');
  });

  it('is bounded, whatever is begun and never ended', () => {
    for (const start of [
      '![',
      '[a](',
      '<img src="',
      '<!--',
      '`',
      'https://',
      '[r]: ',
      '<a:',
      'data:image/png;base64,',
      '~~~',
      'sk-',
      'eyJ',
    ]) {
      const screen = createTextScreen(policy);
      let released = 0;
      let pushed = 0;
      const push = (text: string): void => {
        const verdict = screen.push(text);
        pushed += text.length;
        if (!isRefusal(verdict)) released += verdict.release.length;
      };
      push(`x ${start}`);
      for (let index = 0; index < 200; index += 1) push('aaaa aaaa ');
      if (start !== 'data:image/png;base64,') expect([start, pushed - released < 2100]).toEqual([start, true]);
    }
  });
});

describe('a hostile reply', () => {
  it.each([
    '![',
    '](',
    '[a]:',
    '<a ',
    '<a b="',
    '<!--',
    '<!',
    '<a:',
    '`',
    '``a',
    '```\n',
    '//a',
    '//a.io/',
    'a/',
    'a.io/',
    'a.io?b=',
    'http://',
    'a:',
    '\\',
    '\\`',
  ])('of nothing but %j is screened in linear time', (part) => {
    const text = part.repeat(Math.ceil(200_000 / part.length));
    expect(screenText(text).code).toBeNull();
    expect(screenChunks(Array(2000).fill(part)).code).toBeNull();
  });
});

describe('a JSON reply', () => {
  it('stays valid JSON with the same values when nothing is wrong', () => {
    const value = {
      a: 'line\n"quoted" \\ / é \ud83d\ude00',
      'k"ey': ['x < y', 1.5, null, true, { b: 'https://shop.example.com/a?b=1' }],
      '': '',
    };
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
      expect(JSON.parse(screenText(text, 'json').released)).toEqual(value);
      expect(screenChunks([...text], 'json').released).toBe(screenText(text, 'json').released);
    }
  });

  it('is screened string by string, with no escape hiding anything', () => {
    const text =
      '{"a":"\\u0068ttps:\\/\\/evil.test\\/?d=1 \\"q\\"","b":"![x](\\u0068ttps://evil.test/x?d=1)","c":"\\u003cimg src=https://evil.test/x\\u003e"}';
    expect(JSON.parse(screenText(text, 'json').released)).toEqual({
      a: '[link removed] "q"',
      b: 'x [image removed]',
      c: '[image removed]',
    });
  });

  it('lets no construct run on from one string into the next', () => {
    const text = '{"a":"![x](https://evil.test/","b":"secret)"}';
    expect(screenText(text, 'json').released).toBe('{"a":"![x]([link removed]","b":"secret)"}');
    expect(screenText('["<img src=\'https://evil.test/","secret\'>"]', 'json').released).not.toContain('evil.test');
  });

  it('is screened as text when it turns out to be none', () => {
    expect(screenText('Sure: ![x](https://evil.test/a.png)', 'json').released).toBe('Sure: x [image removed]');
    expect(screenText('{"a":1} ![x](https://evil.test/a.png)', 'json').released).toContain('x [image removed]');
    expect(screenText('{"a":"\\q ![x](https://evil.test/a.png)"}', 'json').released).toContain('x [image removed]');
  });

  it('is refused for a key or a placeholder in an address', () => {
    expect(screenText(`{"a":"${key}"}`, 'json').code).toBe('GUARDRAILS_OUTPUT_SECRET');
    expect(screenText('{"a":"https://evil.test/?m=\\u003cEMAIL_1\\u003e"}', 'json').code).toBe('GUARDRAILS_LINK_CARRIES_DATA');
  });
});
