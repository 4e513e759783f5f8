// What a guess that is not sure to be of a kind of data becomes.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Matrix, type MatrixClass, matrixQuery, resetUnsure, setUnsure, UNSURE, type Unsure } from '../../api/data-matrix.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { ReasonInput } from '../../ui/reason.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.dataMatrix;

export function UnsureDialog({ of, onClose }: { of: MatrixClass; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [unsure, setDraft] = useState<Unsure>(of.unsure);
  const [reason, setReason] = useState('');
  const { fault, isWorking, run } = useWork();
  const done = async (work: Promise<Matrix>, told: string): Promise<void> => {
    await run(async () => {
      client.setQueryData(matrixQuery.queryKey, await work);
      say(told);
      onClose();
    });
  };
  return (
    <Dialog title={text.unsureTitle(of.meaning)} isOpen onClose={onClose}>
      <div className="stack tight">
        <p>{text.unsureLead}</p>
        <Choice
          label={text.unsure}
          value={unsure}
          options={UNSURE.map((one) => ({ value: one, name: text.unsureOf[one] ?? one, note: text.unsureNotes[one] ?? '' }))}
          onChange={(value) => setDraft(UNSURE.find((one) => one === value) ?? of.unsure)}
        />
        <ReasonInput value={reason} onChange={setReason} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button look="primary" isPending={isWorking} onPress={() => void done(setUnsure(of.class, unsure, reason), text.saved)}>
            {text.save}
          </Button>
          {of.unsure === of.unsureDefault ? null : (
            <Button onPress={() => void done(resetUnsure(of.class, reason), text.back)}>{text.resetUnsure}</Button>
          )}
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </div>
    </Dialog>
  );
}
