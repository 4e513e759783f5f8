// Starts a run by hand: one field for each input the workflow declares, checked here as the server checks it again.

import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type InputFact, startRun } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.workflows;
type Given = Readonly<Record<string, string>>;

export function StartRun({ name, inputs, onClose }: { name: string; inputs: readonly InputFact[]; onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  const [given, setGiven] = useState<Given>({});
  const [isChecked, setChecked] = useState(false);
  const { fault, isWorking, run, clear } = useWork();
  const mistakeOf = (input: InputFact): string | null => (isChecked ? mistakeIn(input, given[input.name] ?? '') : null);
  async function start(): Promise<void> {
    setChecked(true);
    clear();
    if (inputs.some((input) => mistakeIn(input, given[input.name] ?? '') !== null)) return;
    await run(async () => {
      const { id } = await startRun(name, Object.fromEntries(inputs.map((input) => [input.name, inputOf(input, given[input.name] ?? '')])));
      await navigate({ to: '/runs/$id', params: { id } });
    });
  }
  return (
    <Dialog title={text.startTitle(name)} isOpen onClose={onClose}>
      <form
        className="stack tight"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <p>{inputs.length === 0 ? text.startNone : text.startLead}</p>
        {inputs.map((input) => (
          <Field
            key={input.name}
            input={input}
            value={given[input.name] ?? ''}
            error={mistakeOf(input)}
            onChange={(value) => setGiven((before) => ({ ...before, [input.name]: value }))}
          />
        ))}
        {fault === null ? null : (
          <p className="error small" role="alert">
            {fault.message || strings.states.failedLead}
          </p>
        )}
        <div className="row">
          <Button type="submit" look="primary" isPending={isWorking}>
            {text.startYes}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  readonly input: InputFact;
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
}

function Field({ input, value, error, onChange }: FieldProps): ReactNode {
  if (input.type === 'boolean') {
    const options = { true: strings.yes, false: strings.no };
    return (
      <Select label={input.name} value={value || 'false'} options={options} hasAny={false} onChange={(next) => onChange(next ?? 'false')} />
    );
  }
  return (
    <TextInput
      label={input.name}
      value={value}
      error={error}
      onChange={onChange}
      type={input.type === 'integer' ? 'number' : 'text'}
      {...(input.description === null ? {} : { hint: input.description })}
    />
  );
}

function mistakeIn({ type, maxBytes }: InputFact, value: string): string | null {
  if (type === 'boolean') return null;
  if (value.trim() === '') return text.needed;
  if (type === 'integer') return Number.isSafeInteger(Number(value)) ? null : text.wholeNumber;
  return maxBytes !== null && new TextEncoder().encode(value).length > maxBytes ? text.tooLong(maxBytes) : null;
}

const inputOf = ({ type }: InputFact, value: string): string | number | boolean =>
  type === 'integer' ? Number(value) : type === 'boolean' ? value === 'true' : value;
