// Many conversations under way at once, of several tenants, all with the same placeholders: each must read its own values and nobody else's.

import { type Conversation, createConversation, type Destination, type TextTransform } from '../../server/src/dlp/index.ts';
import { drawFrom } from './documents.ts';

const ALL: Destination = Object.freeze({ types: 'all', escape: 'none', inLinks: false });
const TENANTS = 7;
const REPLY = 'Dear <PERSON_1>, we wrote to <EMAIL_1> and [email 1]; <EMAIL_2> and <PHONE_1> are unknown to us. Goodbye, <Person 1>!';

export interface Apart {
  readonly conversations: number;
  /** Values that came back. */
  restored: number;
  /** Replies that did not read as they must. */
  wrong: number;
}

interface Open {
  readonly conversation: Conversation;
  readonly stream: TextTransform;
  readonly expected: string;
  at: number;
  out: string;
}

/** Renders all, then lets their replies arrive piece by piece in no order. */
export function runApart(conversations: number, seed: number): Apart {
  const draw = drawFrom(seed);
  const open = Array.from({ length: conversations }, (_, index): Open => {
    const tenant = index % TENANTS;
    const [name, mail] = [`Nadia Novak${index}`, `nadia.${index}@tenant-${tenant}.example`];
    const conversation = createConversation({ known: [{ type: 'PERSON', value: name, subject: `customer:${index}` }] });
    const rendered = conversation.render(`I am ${name}, ${mail}`, { format: 'text', role: 'user' });
    if (rendered !== 'I am <PERSON_1>, <EMAIL_1>') throw new Error(`rendered otherwise: ${rendered}`);
    const expected = `Dear ${name}, we wrote to ${mail} and ${mail}; <EMAIL_2> and <PHONE_1> are unknown to us. Goodbye, ${name}!`;
    return { conversation, stream: conversation.restoreStream(ALL), expected, at: 0, out: '' };
  });
  const result: Apart = { conversations, restored: 0, wrong: 0 };
  const waiting = [...open];
  while (waiting.length > 0) {
    const chosen = draw(waiting.length);
    const one = waiting[chosen] as Open;
    const piece = REPLY.slice(one.at, one.at + 1 + draw(20));
    one.at += piece.length;
    one.out += one.stream.push(piece);
    if (one.at < REPLY.length) continue;
    one.out += one.stream.end();
    result.restored += one.stream.restored;
    const isForeignTold = one.stream.foreign.join() === '<EMAIL_2>,<PHONE_1>';
    if (one.out !== one.expected || !isForeignTold) result.wrong += 1;
    waiting[chosen] = waiting[waiting.length - 1] as Open;
    waiting.pop();
  }
  return result;
}
