// The notification of a breach to the authority, filled from what is recorded; what Article 33(3) asks for and nobody recorded is marked. Pure.

import { DATA_CLASSES, isArray, isDataClass, isObject, type JsonObject, type JsonValue } from '#core';
import { escaped } from '../escaped.ts';

export interface DraftItem {
  readonly article: string;
  readonly label: string;
  /** Null: nobody recorded it. */
  readonly text: string | null;
}

export interface BreachDraft {
  readonly items: readonly DraftItem[];
  /** Articles of which something is missing. */
  readonly missing: readonly string[];
}

export interface DraftInput {
  readonly controller: { readonly name: string; readonly contact: string };
  readonly what: string;
  readonly awareAt: string;
  readonly dueAt: string;
  /** Whether the deadline is over, or the authority was told after it. */
  readonly isLate: boolean;
  readonly delayReason: string | null;
  readonly scope: JsonObject | null;
  readonly contained: readonly string[];
  readonly consequences: string | null;
  readonly personsTold: string | null;
}

/** As people read it; the seconds stand in the record. */
const minuteOf = (iso: string): string => `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const numberOf = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0);

export function draftOf(input: DraftInput): BreachDraft {
  const { controller, scope } = input;
  const kinds = isObject(scope?.classes) ? Object.entries(scope.classes) : [];
  const named = kinds.map(([name, count]) => `${isDataClass(name) ? DATA_CLASSES[name].meaning : name} (${String(count)})`);
  const filled = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  const people =
    scope === null
      ? null
      : `Customers of the shop and people whose data they sent: about ${String(numberOf(scope.people))}${numberOf(scope.unknown) > 0 ? `, and ${String(numberOf(scope.unknown))} uses of data nobody could be found for` : ''}${scope.complete === false ? '. Not everything was looked at; the numbers are at least these' : ''}`;
  const records =
    scope === null
      ? null
      : `${named.length === 0 ? 'Kinds not known' : named.join('; ')}. About ${String(numberOf(scope.calls) + numberOf(scope.returned) + numberOf(scope.openings))} uses of records`;
  const items: DraftItem[] = [
    { article: '33(1)', label: 'Aware since', text: `${minuteOf(input.awareAt)}; to be notified until ${minuteOf(input.dueAt)}` },
    ...(input.isLate ? [{ article: '33(1)', label: 'Reasons for the delay', text: input.delayReason }] : []),
    { article: '33(3)(a)', label: 'Nature of the breach', text: filled(input.what) },
    { article: '33(3)(a)', label: 'Categories and approximate number of people concerned', text: people },
    { article: '33(3)(a)', label: 'Categories and approximate number of records concerned', text: records },
    {
      article: '33(3)(b)',
      label: 'Controller, and contact point for more information',
      text: controller.name === '' || controller.contact === '' ? null : `${controller.name}, ${controller.contact}`,
    },
    { article: '33(3)(c)', label: 'Likely consequences', text: input.consequences },
    { article: '33(3)(d)', label: 'Measures taken or proposed', text: filled(input.contained.join('\n')) },
    ...(input.personsTold === null ? [] : [{ article: '34', label: 'The people concerned', text: input.personsTold }]),
  ];
  return { items, missing: [...new Set(items.filter(({ text }) => text === null).map(({ article }) => article))] };
}

/** A page that can be printed and sent; values are data, never markup. */
export function draftHtml(draft: JsonObject): string {
  const items = (isArray(draft.items) ? draft.items : []).filter(isObject);
  const row = ({ article, label, text }: JsonObject): string =>
    `<tr><th scope="row">${escaped(String(label))}<br><small>Art. ${escaped(String(article))} GDPR</small></th><td>${
      text === null || text === undefined ? '<strong>MISSING: to be completed</strong>' : escaped(String(text)).replaceAll('\n', '<br>')
    }</td></tr>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Notification of a personal data breach</title><style>
body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#111}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #bbb;padding:.5rem;text-align:left;vertical-align:top}th{background:#f2f2f2;width:30%;font-weight:600}</style></head><body>
<h1>Notification of a personal data breach</h1>
<p>Draft, made from records${typeof draft.madeAt === 'string' ? ` at ${escaped(draft.madeAt)}` : ''}. Breach ${escaped(String(draft.breach ?? ''))}.</p>
<table>${items.map(row).join('\n')}</table>
</body></html>
`;
}
