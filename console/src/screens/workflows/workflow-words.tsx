// How a version and its signature are shown in a word, and the names of people beside them.

import type { ReactNode } from 'react';
import type { Signature, Trigger } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';

const text = strings.workflows;
const TONES: Readonly<Record<string, Tone>> = { draft: 'warn', approved: 'info', published: 'good', retired: 'plain' };
const SHORT = 8;

export type SignatureWord = keyof typeof text.signatures;

export const shortHash = (hash: string): string => hash.slice(0, SHORT);

export function StateBadge({ state }: { state: string }): ReactNode {
  return <Badge tone={TONES[state] ?? 'plain'}>{text.states[state] ?? state}</Badge>;
}

/** Changed files outrank whatever the signature says. */
export const signatureWord = ({ state, intact }: Signature): SignatureWord => (intact ? state : 'changed');

export function SignatureBadge({ signature }: { signature: Signature }): ReactNode {
  const word = signatureWord(signature);
  return (
    <Badge tone={word === 'valid' ? 'good' : word === 'unsigned' ? 'plain' : word === 'lapsed' ? 'warn' : 'bad'}>
      {text.signatures[word]}
    </Badge>
  );
}

export const triggerWords = ({ kind, integration, event }: Trigger): string =>
  kind === 'webhook' ? text.triggers.webhook(integration ?? '', event ?? '') : kind === 'manual' ? text.triggers.manual : kind;

export function nameOfPerson(id: string | null, people: Readonly<Record<string, string>>, me: string): string {
  if (id === null) return text.forgotten;
  return id === me ? text.you : (people[id] ?? text.somebody);
}
