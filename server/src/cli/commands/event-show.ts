// `sallyport event show`: one event of the log, and what was sealed beside it.

import { isObject, type JsonValue } from '#core';
import { word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { printAnswer } from '../print.ts';

export const eventShowCommands: readonly Command[] = [
  {
    name: 'event show',
    summary: 'One event: who, what, its facts, and for owners what was before and after, from where and why. Looking is itself an event.',
    positional: '<sequence number>',
    options: [],
    run: async (context) => {
      const seq = encodeURIComponent(word(context.parsed, 2, 'sequence number'));
      const answer = await (await context.control()).call('GET', `/api/events/${seq}`);
      return printAnswer(context, answer, (body) => printEvent(context, body));
    },
  },
];

function printEvent(context: Context, event: JsonValue): void {
  if (!isObject(event)) return;
  const leaf = typeof event.leaf === 'string' ? (JSON.parse(event.leaf) as JsonValue) : null;
  const line = (name: string, value: JsonValue | undefined): void =>
    context.io.out(`${name.padEnd(10)} ${typeof value === 'string' ? value : JSON.stringify(value ?? null)}`);
  line('event', event.seq);
  if (isObject(leaf)) {
    line('type', leaf.type);
    line('at', leaf.at);
    line('by', event.by ?? leaf.actor);
    line('subject', leaf.subject);
    line('facts', leaf.public);
  }
  const { details } = event;
  if (isObject(details)) for (const name of ['reason', 'address', 'device', 'before', 'after']) line(name, details[name]);
  else if (event.isErased === true) line('details', 'erased; the event and its proof stay');
  else if (event.detailsWithheld === true) line('details', 'for the owner only');
}
