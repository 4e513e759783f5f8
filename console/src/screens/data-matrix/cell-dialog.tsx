// One cell: what is done with a kind of data towards a destination, tried first or from now on. What shows more says so before it is saved.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import {
  HANDLINGS,
  type Handling,
  type Matrix,
  type MatrixCell,
  type MatrixClass,
  type MatrixDestination,
  matrixQuery,
  type RuleMode,
  resetRule,
  setRule,
} from '../../api/data-matrix.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { ReasonInput } from '../../ui/reason.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { nameOf } from './destination-name.ts';

const text = strings.dataMatrix;

export interface Props {
  readonly of: MatrixClass;
  readonly at: MatrixDestination;
  readonly cell: MatrixCell;
  readonly days: number;
  readonly onClose: () => void;
}

export function CellDialog({ of, at, cell, days, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [handling, setHandling] = useState<Handling>(cell.trial ?? cell.handling);
  const [mode, setMode] = useState<RuleMode>('enforce');
  const [reason, setReason] = useState('');
  const { fault, isWorking, run } = useWork();
  const isLooser = HANDLINGS.indexOf(handling) < HANDLINGS.indexOf(cell.handling) && mode === 'enforce';
  const isOwn = cell.from === (at.integration === null ? 'kind' : 'integration');
  const done = async (work: Promise<Matrix>, told: string): Promise<void> => {
    await run(async () => {
      client.setQueryData(matrixQuery.queryKey, await work);
      say(told);
      onClose();
    });
  };
  return (
    <Dialog title={text.cellTitle(of.meaning, nameOf(at))} isOpen onClose={onClose}>
      <div className="stack tight">
        <p>
          {text.now(text.handlings[cell.handling] ?? cell.handling, text.fromOf[cell.from] ?? cell.from)} {text.hits(cell.hits, days)}
        </p>
        {cell.trial === null ? null : <p>{text.trialLead(text.handlings[cell.trial] ?? cell.trial, cell.trialHits)}</p>}
        {cell.isLocked ? <Callout tone="info">{text.locked}</Callout> : null}
        <Choice
          label={text.what}
          value={handling}
          options={cell.choices.map((one) => ({
            value: one,
            name: text.handlings[one] ?? one,
            note: text.notesThere[`${at.kind} ${one}`] ?? text.notes[one] ?? '',
          }))}
          onChange={(value) => setHandling(cell.choices.find((one) => one === value) ?? cell.handling)}
        />
        <Choice
          label={text.mode}
          value={mode}
          options={(['monitor', 'enforce'] as const).map((one) => ({
            value: one,
            name: text.modes[one] ?? one,
            note: text.modeNotes[one] ?? '',
          }))}
          onChange={(value) => setMode(value === 'monitor' ? 'monitor' : 'enforce')}
        />
        {at.kind !== 'model' || cell.isLocked || cell.handling === 'clear' || cell.handling === 'refuse' ? null : (
          <div className="stack tight">
            <p>{cell.asIs ? text.asIsNow : text.asIsNot}</p>
            <div>
              <Button
                isPending={isWorking}
                onPress={() => void done(setRule(cell, { handling: cell.asIs ? 'mask' : 'clear', mode: 'asked' }, reason), text.saved)}
              >
                {cell.asIs ? text.asIsForbid : text.asIsAllow}
              </Button>
            </div>
          </div>
        )}
        {isLooser ? <Callout tone="warn">{text.looser}</Callout> : null}
        <ReasonInput value={reason} onChange={setReason} />
        <FaultLine fault={fault} words={text.whyNot} />
        <div className="row">
          <Button
            look={isLooser ? 'danger' : 'primary'}
            isPending={isWorking}
            onPress={() => void done(setRule(cell, { handling, mode }, reason), text.saved)}
          >
            {isLooser ? text.show : text.save}
          </Button>
          {cell.trial === null ? null : (
            <Button onPress={() => void done(resetRule(cell, 'monitor', reason), text.back)}>{text.endTrial}</Button>
          )}
          {isOwn ? <Button onPress={() => void done(resetRule(cell, 'enforce', reason), text.back)}>{text.reset}</Button> : null}
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </div>
    </Dialog>
  );
}
