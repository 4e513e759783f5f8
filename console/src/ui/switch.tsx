// A switch: on or off, in a word beside it. Pressing it may ask first, so it shows what is, not what was pressed.

import type { ReactNode } from 'react';

export interface Props {
  /** What it switches, for those who do not see it. */
  readonly label: string;
  readonly word: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onPress: () => void;
}

export function Switch({ label, word, isOn, isDisabled = false, onPress }: Props): ReactNode {
  return (
    <span className="switch-row">
      <span aria-hidden="true">{word}</span>
      <button type="button" role="switch" className="switch" aria-checked={isOn} aria-label={label} disabled={isDisabled} onClick={onPress}>
        <span />
      </button>
    </span>
  );
}
