// One of a few, each a full line to press: the radio buttons of the console.

import type { ReactNode } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';

interface Option {
  readonly value: string;
  readonly name: string;
  readonly note?: string;
}

export interface Props {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
  /** Side by side where there is room. */
  readonly isRow?: boolean;
  readonly isDisabled?: boolean;
}

export function Choice({ label, value, options, onChange, isRow = false, isDisabled = false }: Props): ReactNode {
  return (
    <RadioGroup className={`field choices ${isRow ? 'in-row' : ''}`} value={value} onChange={onChange} isDisabled={isDisabled}>
      <Label className="label">{label}</Label>
      {options.map((option) => (
        <Radio key={option.value} value={option.value} className="choice">
          <span>
            {option.name}
            {option.note === undefined ? null : <span className="soft small"> {option.note}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
