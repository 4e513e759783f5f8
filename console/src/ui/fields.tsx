// Form fields with a label that stays visible.

import { type ReactNode, useId } from 'react';
import { strings } from '../strings/en.ts';

interface SelectProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: Readonly<Record<string, string>>;
  readonly onChange: (value: string | undefined) => void;
  /** Whether "any" is a choice. */
  readonly hasAny?: boolean;
  /** What no choice is called. */
  readonly anyName?: string;
}

export function Select({ label, value, options, onChange, hasAny = true, anyName = strings.any }: SelectProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
        {hasAny ? <option value="">{anyName}</option> : null}
        {Object.entries(options).map(([key, word]) => (
          <option key={key} value={key}>
            {word}
          </option>
        ))}
      </select>
    </div>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly error?: string | null;
  readonly type?: 'text' | 'number' | 'password';
  readonly isLong?: boolean;
}

export function TextInput({ label, value, onChange, hint, error = null, type = 'text', isLong = false }: TextProps): ReactNode {
  const id = useId();
  const note = error ?? hint;
  const common = {
    id,
    className: 'input',
    value,
    // Not a password of the reader's: no browser should offer to keep it.
    autoComplete: type === 'password' ? 'new-password' : 'off',
    spellCheck: isLong,
    'aria-invalid': error !== null,
    ...(note === undefined ? {} : { 'aria-describedby': `${id}-note` }),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {isLong ? (
        <textarea {...common} rows={2} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input {...common} type={type} onChange={(event) => onChange(event.target.value)} />
      )}
      {note === undefined ? null : (
        <span id={`${id}-note`} className={error === null ? 'soft' : 'error'} {...(error === null ? {} : { role: 'alert' })}>
          {note}
        </span>
      )}
    </div>
  );
}

interface MomentProps {
  readonly label: string;
  /** RFC 3339; what is typed is the reader's own time. */
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
}

/** A day and an hour of the reader's, with the browser's own picker. */
export function DateTimeInput({ label, value, onChange }: MomentProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        className="input"
        defaultValue={value === null ? '' : localForm(value)}
        onChange={(event) => {
          const moment = new Date(event.target.value);
          onChange(Number.isNaN(moment.getTime()) ? null : moment.toISOString());
        }}
      />
    </div>
  );
}

/** `2026-11-23T00:15` on the reader's clock. */
function localForm(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return '';
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
