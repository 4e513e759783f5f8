// How long something must be unused before it is proposed to go, and whether it goes by itself.

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type LeastSettings, putLeastSettings } from '../../api/reviews.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.reviews.settings;

export function LeastSettingsDialog({ settings, onClose }: { settings: LeastSettings; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [days, setDays] = useState(String(settings.windowDays));
  const [grace, setGrace] = useState(String(settings.graceDays));
  const [isAuto, setAuto] = useState(settings.autoApply);
  const { fault, run } = useWork();
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await putLeastSettings({ windowDays: Number(days), graceDays: Number(grace), autoApply: isAuto });
      say(text.saved);
      onClose();
      await client.invalidateQueries({ queryKey: ['least'] });
    });
  }
  return (
    <Dialog title={text.title} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void save(event)}>
        <TextInput label={text.window} hint={text.windowHint} type="number" value={days} onChange={setDays} />
        <Choice
          label={text.auto}
          value={isAuto ? 'on' : 'off'}
          options={[
            { value: 'off', name: text.autoOff },
            { value: 'on', name: text.autoOn },
          ]}
          onChange={(value) => setAuto(value === 'on')}
        />
        {isAuto ? <TextInput label={text.grace} hint={text.windowHint} type="number" value={grace} onChange={setGrace} /> : null}
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary">
            {text.save}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
