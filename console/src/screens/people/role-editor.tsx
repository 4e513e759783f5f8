// Makes or changes a role of one's own. What must not be held together is said as the actions are ticked; the server checks it again.

import { type FormEvent, type ReactNode, useState } from 'react';
import { type Conflict, putRole, type Roles } from '../../api/access.ts';
import { actionName, areaWords, roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { Conflicts } from './people-words.tsx';
import type { Draft } from './role-draft.ts';
import { useRefreshAccess } from './use-refresh-access.ts';

const text = strings.roleEditor;
const NAME = /^[a-z][a-z0-9_]{0,39}$/;

export const conflictsOf = (chosen: ReadonlySet<string>, conflicts: readonly Conflict[]): readonly Conflict[] =>
  conflicts.filter(({ a, b }) => chosen.has(a) && chosen.has(b));

export function RoleEditor({ draft, all, onClose }: { draft: Draft; all: Roles; onClose: () => void }): ReactNode {
  const refresh = useRefreshAccess();
  const say = useToast();
  const [name, setName] = useState(draft.role === null ? '' : roleName(draft.role.role));
  const [meaning, setMeaning] = useState(draft.meaning);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(draft.actions));
  const [wanted, setWanted] = useState('');
  const { fault, isWorking, run } = useWork();
  const conflicts = conflictsOf(chosen, all.conflicts);
  const isReady = NAME.test(name) && meaning.trim() !== '' && chosen.size > 0;
  const toggle = (action: string): void =>
    setChosen(new Set(chosen.has(action) ? [...chosen].filter((one) => one !== action) : [...chosen, action]));

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await putRole(name, { meaning: meaning.trim(), actions: [...chosen] });
      say(text.saved(name));
      onClose();
      await refresh();
    });
  }

  return (
    <Dialog title={draft.role === null ? text.newTitle : text.editTitle(roleName(draft.role.role))} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void save(event)}>
        {draft.role === null ? <TextInput label={text.name} hint={text.nameHint} value={name} onChange={setName} /> : null}
        {draft.role === null ? null : <p className="small soft">{text.holders(draft.role.holders)}</p>}
        <TextInput label={text.meaning} hint={text.meaningHint} value={meaning} onChange={setMeaning} />
        <TextInput label={text.find} value={wanted} onChange={setWanted} />
        <div className="ticks">
          {Object.entries(areaWords).map(([area, word]) => {
            const actions = all.actions.filter(
              ({ action }) =>
                action.startsWith(`${area}.`) && `${action} ${actionName(action)}`.toLocaleLowerCase().includes(wanted.toLocaleLowerCase()),
            );
            return actions.length === 0 ? null : (
              <fieldset key={area}>
                <legend>{word}</legend>
                {actions.map(({ action, stepUp }) => (
                  <label key={action} className="check">
                    <input type="checkbox" checked={chosen.has(action)} onChange={() => toggle(action)} />
                    <span>
                      {actionName(action)}
                      {stepUp ? <span className="small soft"> {text.stepUp}</span> : null}
                    </span>
                  </label>
                ))}
              </fieldset>
            );
          })}
        </div>
        <div className="stack tight" role="status" aria-live="polite">
          {conflicts.length === 0 ? (
            <p className="small soft row snug">
              <Icon name="good" size={14} />
              {text.chosen(chosen.size)} {text.noConflicts}
            </p>
          ) : (
            <>
              <p className="small">
                <b>{text.conflictsTitle}</b> {text.chosen(chosen.size)}
              </p>
              <Conflicts conflicts={conflicts} />
            </>
          )}
        </div>
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isPending={isWorking} isDisabled={!isReady || conflicts.length > 0}>
            {text.save}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
