// Whether a subject answers rightly at all: a fast wrong answer would otherwise be the best figure of the table.

import { request as openRequest } from 'node:http';
import { REPLY_TEXT } from './bodies.ts';
import type { Subject } from './peers.ts';

/** Throws when the subject does not hand on the upstream's words, whole and to the end. */
export async function checkReply(subject: Subject, body: string): Promise<void> {
  const { status, text } = await post(subject, body);
  const fault = status === 200 ? faultOf(text) : `it answered ${status}`;
  if (fault !== null) throw new Error(`${subject.name} can not be measured: ${fault}`);
}

/** What is wrong with a reply body; null when nothing is. */
export function faultOf(text: string): string | null {
  const streamed = text.startsWith('data: ');
  if (streamed && !text.includes('data: [DONE]')) return 'the stream has no end';
  try {
    const documents = streamed ? text.split('\n\n').map((event) => event.replace(/^data: /, '')) : [text];
    const said = documents
      .filter((part) => part.startsWith('{'))
      .map(wordsOf)
      .join('');
    return said === REPLY_TEXT ? null : 'the words are not those of the upstream';
  } catch {
    return 'the reply is not JSON';
  }
}

function wordsOf(document: string): string {
  const { choices } = JSON.parse(document) as { choices?: readonly { message?: { content?: string }; delta?: { content?: string } }[] };
  return choices?.[0]?.message?.content ?? choices?.[0]?.delta?.content ?? '';
}

function post(subject: Subject, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...subject.headers };
    const request = openRequest(subject.chatUrl, { method: 'POST', headers, agent: false, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.end(body);
  });
}
