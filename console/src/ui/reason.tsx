// Asks why a change is made. Optional, one line; the server keeps it sealed beside the event.

import type { ReactNode } from 'react';
import { strings } from '../strings/en.ts';
import { TextInput } from './fields.tsx';

/** As the server takes it. */
const MAX_CHARS = 500;

export function ReasonInput({ value, onChange }: { value: string; onChange: (value: string) => void }): ReactNode {
  return <TextInput label={strings.why} value={value} onChange={(next) => onChange(next.slice(0, MAX_CHARS))} hint={strings.whyHint} />;
}
