// The switch that stops a workflow, and lets it run again. Both ask first.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { setPaused } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Switch } from '../../ui/switch.tsx';
import { Confirm } from './workflow-confirm.tsx';

const text = strings.workflows;

export function PauseSwitch({ name, isPaused, isOwner }: { name: string; isPaused: boolean; isOwner: boolean }): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  return (
    <>
      <Switch
        label={text.switchOf(name)}
        word={isPaused ? text.paused : text.running}
        isOn={!isPaused}
        isDisabled={!isOwner}
        onPress={() => setAsking(true)}
      />
      {isAsking ? (
        <Confirm
          title={isPaused ? text.resumeTitle(name) : text.pauseTitle(name)}
          lead={isPaused ? text.resumeLead : text.pauseLead}
          yes={isPaused ? text.resumeYes : text.pauseYes}
          done={isPaused ? text.resumedNow : text.pausedNow}
          look={isPaused ? 'primary' : 'danger'}
          work={(reason) => setPaused(name, !isPaused, reason)}
          onClose={() => setAsking(false)}
          onDone={() =>
            Promise.all([['workflows'], ['workflow'], ['workflow-trail']].map((queryKey) => client.invalidateQueries({ queryKey })))
          }
        />
      ) : null}
    </>
  );
}
