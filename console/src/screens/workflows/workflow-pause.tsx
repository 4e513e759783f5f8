// The switch that stops a workflow, and lets it run again. Both ask first.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { setPaused } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useMay, Why } from '../../ui/may.tsx';
import { Switch } from '../../ui/switch.tsx';

const text = strings.workflows;

export function PauseSwitch({ name, isPaused }: { name: string; isPaused: boolean }): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const may = useMay('workflows.pause', { kind: 'workflow', name });
  return (
    <span className="may">
      <Switch
        label={text.switchOf(name)}
        word={isPaused ? text.paused : text.running}
        isOn={!isPaused}
        isDisabled={!may.isAllowed}
        onPress={() => setAsking(true)}
      />
      {may.isAllowed ? null : <Why may={may} what={text.switchOf(name)} />}
      {isAsking ? (
        <Confirm
          title={isPaused ? text.resumeTitle(name) : text.pauseTitle(name)}
          lead={isPaused ? text.resumeLead : text.pauseLead}
          yes={isPaused ? text.resumeYes : text.pauseYes}
          done={isPaused ? text.resumedNow : text.pausedNow}
          look={isPaused ? 'primary' : 'danger'}
          whyNot={text.whyNot}
          work={(reason) => setPaused(name, !isPaused, reason)}
          onClose={() => setAsking(false)}
          onDone={() =>
            Promise.all([['workflows'], ['workflow'], ['workflow-trail']].map((queryKey) => client.invalidateQueries({ queryKey })))
          }
        />
      ) : null}
    </span>
  );
}
