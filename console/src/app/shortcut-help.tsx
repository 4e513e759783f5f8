// The sheet of shortcuts with the switch that turns single keys off. Loaded when it is first opened.

import { Fragment, type ReactNode } from 'react';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { switchShortcuts, useShortcutsSwitch } from '../ui/shortcuts.ts';

const text = strings.shortcuts;
const GROUPS = [
  {
    name: text.where.everywhere,
    keys: [
      ['?', text.keys.help],
      [strings.menu.keys, text.keys.menu],
    ],
  },
  {
    name: text.where.list,
    keys: [
      ['j', text.keys.next],
      ['k', text.keys.previous],
      ['Enter', text.keys.open],
      ['p', text.keys.pause],
    ],
  },
  {
    name: text.where.trace,
    keys: [
      ['j', text.keys.next],
      ['k', text.keys.previous],
      ['1', text.keys.decision],
      ['2', text.keys.data],
      ['3', text.keys.content],
    ],
  },
] as const;

export function ShortcutHelp({ onClose }: { onClose: () => void }): ReactNode {
  return (
    <Dialog title={text.title} isOpen onClose={onClose}>
      <Switch />
      {GROUPS.map((group) => (
        <section key={group.name} className="stack tight">
          <h3>{group.name}</h3>
          <dl className="keys">
            {group.keys.map(([key, meaning]) => (
              <Fragment key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </Fragment>
            ))}
          </dl>
        </section>
      ))}
      <Button onPress={onClose}>{strings.close}</Button>
    </Dialog>
  );
}

function Switch(): ReactNode {
  const isOn = useShortcutsSwitch();
  return (
    <div className="stack tight">
      <label className="row check">
        <input type="checkbox" checked={isOn} onChange={(event) => switchShortcuts(event.target.checked)} />
        <span>{text.on}</span>
      </label>
      <p className="small soft">{text.onNote}</p>
    </div>
  );
}
