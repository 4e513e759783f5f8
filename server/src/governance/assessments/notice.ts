// The notice people are given before a machine decides about them (CCPA regulations 7220), made of what the workflow or operation is. Pure.

import { DATA_CLASSES, type DataClass, isArray, isObject, type JsonObject } from '#core';
import { escaped } from '../escaped.ts';
import type { DecisionView } from './decisions.ts';

export interface NoticeInput {
  readonly decision: DecisionView;
  readonly controller: { readonly name: string; readonly contact: string };
  /** What a signed workflow says it is for; null for an operation. */
  readonly workflowPurpose: string | null;
  readonly models: readonly string[];
  readonly integrations: readonly string[];
  /** Kinds of personal data that were counted there. */
  readonly classes: readonly DataClass[];
}

export interface NoticePart {
  readonly heading: string;
  /** Null: nobody said it, and it is to be completed before the notice is given. */
  readonly text: string | null;
}

export interface Notice {
  readonly title: string;
  readonly parts: readonly NoticePart[];
  /** Headings of parts that are to be completed. */
  readonly missing: readonly string[];
}

export function noticeOf({ decision, controller, workflowPurpose, models, integrations, classes }: NoticeInput): Notice {
  const { decides, purpose, logic, mode, alwaysByAPerson } = decision;
  const filled = (text: string | null): string | null => (text === null || text.trim() === '' ? null : text.trim());
  const uses = [
    ...(models.length === 0 ? [] : [`It uses a language model (${models.join(', ')}).`]),
    ...(integrations.length === 0 ? [] : [`It works with what these systems hold: ${integrations.join(', ')}.`]),
    alwaysByAPerson ? 'A person decides in every case; the machine prepares it.' : 'It decides without a person, unless you opt out.',
  ].join(' ');
  const afterOptOut =
    mode === 'refuse'
      ? 'we do not use it for you at all, and a person handles your case'
      : 'a person decides about you instead, before anything happens';
  const parts: readonly NoticePart[] = [
    { heading: 'What is decided', text: filled(decides) },
    { heading: 'What it is used for', text: filled(purpose) ?? filled(workflowPurpose) },
    {
      heading: 'Kinds of data it uses',
      text: classes.length === 0 ? null : [...new Set(classes)].map((name) => DATA_CLASSES[name].meaning).join('; '),
    },
    { heading: 'How it works', text: filled(logic) === null ? null : `${String(filled(logic))} ${uses}` },
    { heading: 'You can opt out', text: `Tell us, and ${afterOptOut}. You need give no reason.` },
    {
      heading: 'You can ask for access',
      text: 'Ask us, and we tell you which decisions were taken about you, how, and with which result.',
    },
    { heading: 'Nothing is held against you', text: 'We do not treat you worse because you use these rights.' },
    {
      heading: 'Whom to ask',
      text: controller.name === '' || controller.contact === '' ? null : `${controller.name}, ${controller.contact}`,
    },
  ];
  return {
    title: 'Before a machine decides about you',
    parts,
    missing: parts.flatMap(({ heading, text }) => (text === null ? [heading] : [])),
  };
}

/** A page that can be printed or put on a web site; values are data, never markup. */
export function noticeHtml(notice: JsonObject): string {
  const parts = (isArray(notice.parts) ? notice.parts : []).filter(isObject);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(String(notice.title))}</title><style>
body{font:16px/1.6 system-ui,sans-serif;margin:2rem auto;max-width:42rem;padding:0 1rem;color:#111}h2{font-size:1.1rem;margin:1.5rem 0 .25rem}p{margin:0}</style></head><body>
<h1>${escaped(String(notice.title))}</h1>
${parts
  .map(
    ({ heading, text }) =>
      `<h2>${escaped(String(heading))}</h2>\n<p>${text === null || text === undefined ? '<strong>MISSING: to be completed</strong>' : escaped(String(text))}</p>`,
  )
  .join('\n')}
</body></html>
`;
}
