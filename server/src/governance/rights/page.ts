// The copy of a person's data as one page to read: no script, nothing loaded from elsewhere, every value as text. Pure.
// INVARIANT: whatever stands in the data, the page shows it and never becomes it.

import { dataClassSpec, isDataClass, isObject, type JsonValue } from '#core';
import type { ExportedItem, PersonExport } from './export.ts';

const PLACE_NAMES: Readonly<Record<string, string>> = {
  known_values: 'Values read from records about you',
  runs: 'Cases that were worked on',
  approvals: 'Decisions that were asked for',
  effects: 'What was done',
  deliveries: 'Messages from connected systems',
  people: 'Your account as a member of staff',
  datasets: 'Rows of data sets',
};

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const textOf = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] as string);

/** No source of anything is allowed but the page's own style. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;border-bottom:1px solid #8886;padding-bottom:.25rem}
article{border:1px solid #8886;border-radius:8px;padding:.75rem 1rem;margin:1rem 0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.25rem 0}
dt{color:GrayText}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:anywhere}
ol,ul{margin:.25rem 0;padding-left:1.2rem}.small{color:GrayText;font-size:.9rem}@media(max-width:40rem){dl{grid-template-columns:1fr}dt{margin-top:.4rem}}`;

export function exportPage(data: PersonExport): string {
  const sections = Object.entries(data.held).map(([place, items]) =>
    section(PLACE_NAMES[place] ?? place, (items as readonly ExportedItem[]).map(itemOf).join('')),
  );
  const isEmpty = sections.length === 0;
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    `<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer"><title>Your data</title><style>${STYLE}</style></head><body>`,
    `<h1>What is held about you</h1><p class="small">For ${textOf(data.subject)} · made ${textOf(data.madeAt)}</p>`,
    isEmpty ? '<p>Nothing is held about you here.</p>' : '',
    ...sections,
    data.disclosures.length === 0 ? '' : section('Whom it was sent to', disclosures(data)),
    data.decisions.length === 0 ? '' : section('What was decided about you', decisions(data)),
    data.events.length === 0 ? '' : section('What the log says', events(data)),
    data.requests.length === 0 ? '' : section('What you asked for', list(data.requests)),
    isSomething(data.signals) ? section('Counters', show(data.signals)) : '',
    data.withheld.length === 0
      ? ''
      : section('Not shown', `<p>${data.withheld.length} other record(s), about somebody else, mention an address of yours.</p>`),
    '</body></html>\n',
  ].join('\n');
}

const section = (title: string, body: string): string => `<section><h2>${textOf(title)}</h2>${body}</section>`;

function itemOf({ ref, at, purpose, classes, keptUntil, content }: ExportedItem): string {
  const kinds = classes.map((name) => (isDataClass(name) ? dataClassSpec(name).meaning : name)).join('; ');
  const facts = { For: purpose, From: at, 'Kept until': keptUntil ?? 'as long as it is in use', Holds: kinds, Reference: ref };
  return `<article>${show(facts)}${show(content)}</article>`;
}

function decisions({ decisions: all }: PersonExport): string {
  const who = { machine: 'a machine', person: 'a person', asked: 'put to a person' } as const;
  return all
    .map(({ at, decides, decidedBy, purpose, logic, outcome }) => {
      const facts = { Decided: decides, From: at, By: who[decidedBy], 'Used for': purpose, 'How it works': logic, Result: outcome };
      return `<article>${show(Object.fromEntries(Object.entries(facts).filter(([, text]) => text !== '')))}</article>`;
    })
    .join('');
}

function disclosures({ disclosures: all }: PersonExport): string {
  const rows = all.map(({ at, to, kind, model, operation, classes, replaced }) => {
    const what = kind === 'model' ? `model ${model ?? ''}` : (operation ?? '');
    const kinds = Object.entries(replaced).map(([type, count]) => `${type.toLowerCase()} ×${String(count)}`);
    return [at, to, what, classes.join(', '), kinds.join(', ') || 'none'];
  });
  return table(['When', 'To', 'For', 'Kinds of data of the case', 'Replaced before it left'], rows);
}

function events({ events: all }: PersonExport): string {
  const rows = all.map(({ seq, at, type, by }) => [String(seq), at, type, by]);
  return table(['Event', 'When', 'What', 'By (pseudonym)'], rows);
}

const list = (values: readonly JsonValue[]): string => values.map((value) => `<article>${show(value)}</article>`).join('');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${textOf(text)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${cells('th', head)}</thead><tbody>${rows.map((row) => cells('td', row)).join('')}</tbody></table>`;
}

const isSomething = (value: JsonValue): boolean => value !== null && !(Array.isArray(value) && value.length === 0);

function show(value: JsonValue): string {
  if (Array.isArray(value)) return value.length === 0 ? '' : `<ul>${value.map((item) => `<li>${show(item)}</li>`).join('')}</ul>`;
  if (!isObject(value)) return textOf(value === null ? '–' : String(value));
  const rows = Object.entries(value).map(([key, item]) => `<dt>${textOf(key)}</dt><dd>${show(item as JsonValue)}</dd>`);
  return `<dl>${rows.join('')}</dl>`;
}
