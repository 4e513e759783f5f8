// What one workspace may use: each part is not ruled, or names the only things it may. Rules can be tried on recent calls before they hold.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import type { RulePart, WorkspaceRules as Rules, RulesPreview, Workspace } from '../../api/fleet.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.workspaces;
const PARTS = ['integrations', 'models', 'effects', 'dataClasses'] as const satisfies readonly RulePart[];

/** In a few words, for a table. */
export function RulesLine({ rules }: { rules: Rules }): ReactNode {
  const ruled = PARTS.filter((part) => rules[part] !== null);
  if (ruled.length === 0) return <span className="soft">{text.rulesNone}</span>;
  return ruled.map((part) => (
    <div key={part} className="small">
      {text.onlyOf(text.parts[part] ?? part, (rules[part] ?? []).map((name) => visible(wordOf(part, name))).join(', '))}
    </div>
  ));
}

const wordOf = (part: RulePart, name: string): string =>
  (part === 'effects' ? text.effects[name] : part === 'dataClasses' ? text.dataClasses[name] : undefined) ?? name;

interface Props {
  readonly workspace: Workspace & { readonly name: string };
  readonly workspaces: readonly Workspace[];
  readonly onClose: () => void;
}

export function WorkspaceRules({ workspace, workspaces, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [rules, setRules] = useState<Rules>(workspace.rules);
  const [models, setModels] = useState((workspace.rules.models ?? []).join(', '));
  const [tried, setTried] = useState<RulesPreview | null>(null);
  const saving = useWork();
  const trying = useWork();
  const path = `/api/workspaces/${workspace.name}/rules`;
  const said = (): Rules => ({ ...rules, models: rules.models === null ? null : namesIn(models) });
  const set = (part: RulePart, value: readonly string[] | null): void => {
    setRules({ ...rules, [part]: value });
    setTried(null);
  };

  function tryThem(): void {
    saving.clear();
    void trying.run(async () => setTried(await api<RulesPreview>('POST', `${path}/preview`, said())));
  }
  function save(): void {
    trying.clear();
    void saving.run(async () => {
      await api('PUT', path, said());
      say(text.saved);
      onClose();
      await client.invalidateQueries({ queryKey: ['workspaces'] });
    });
  }

  const choices: Readonly<Record<Exclude<RulePart, 'models'>, readonly string[]>> = {
    integrations: [...new Set([...workspaces.flatMap((one) => one.integrations), ...(workspace.rules.integrations ?? [])])].sort(),
    effects: Object.keys(text.effects),
    dataClasses: Object.keys(text.dataClasses),
  };
  return (
    <Dialog title={text.rulesOf(workspace.name)} isOpen onClose={onClose}>
      <p className="small soft">{text.rulesLead}</p>
      {PARTS.map((part) => {
        const name = text.parts[part] ?? part;
        const list = rules[part];
        return (
          <fieldset key={part} className="field">
            <legend className="visually-hidden">{text.partWhat(name)}</legend>
            <Select
              label={name}
              value={list === null ? 'any' : 'only'}
              options={{ any: text.partAny, only: text.partOnly }}
              hasAny={false}
              onChange={(value) => set(part, value === 'only' ? [] : null)}
            />
            {list === null ? null : part === 'models' ? (
              <TextInput label={text.modelNames} hint={text.modelsHint} value={models} onChange={setModels} />
            ) : (
              choices[part].map((one) => (
                <label key={one} className="row check">
                  <input
                    type="checkbox"
                    checked={list.includes(one)}
                    onChange={() => set(part, list.includes(one) ? list.filter((other) => other !== one) : [...list, one])}
                  />
                  {visible(wordOf(part, one))}
                </label>
              ))
            )}
          </fieldset>
        );
      })}
      {tried === null ? null : <Tried {...tried} />}
      <FaultLine fault={saving.fault ?? trying.fault} />
      <div className="row">
        <Button look="primary" isPending={saving.isWorking} onPress={save}>
          {text.save}
        </Button>
        <Button isPending={trying.isWorking} onPress={tryThem}>
          {text.tryRules}
        </Button>
        <Button onPress={onClose}>{strings.cancel}</Button>
      </div>
    </Dialog>
  );
}

function Tried({ looked, calls, refused, examples }: RulesPreview): ReactNode {
  return (
    <div role="status" className="stack tight">
      <p>{text.tried(refused, calls, looked)}</p>
      <ul className="small">
        {examples.map(({ rule, integration, operation, model, times }) => (
          <li key={`${rule} ${integration} ${operation} ${model}`}>
            {text.triedOne(visible(`${integration} ${model ?? operation}`), text.triedRules[rule] ?? rule, times)}
          </li>
        ))}
      </ul>
      <p className="small soft">{text.triedNote}</p>
    </div>
  );
}

const namesIn = (line: string): readonly string[] =>
  line
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
