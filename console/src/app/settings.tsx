// How the console looks in this browser, and the way out. Loaded when it is first opened.

import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { choose, chosenLook, type Look } from '../ui/theme.ts';

const text = strings.settings;

export function Settings({ onClose, onSignOut }: { onClose: () => void; onSignOut: () => void }): ReactNode {
  const [look, setLook] = useState<Look>(chosenLook);
  const set = (change: Partial<Look>): void => {
    choose(change);
    setLook(chosenLook());
  };
  const optionsOf = (names: Readonly<Record<string, string>>) => Object.entries(names).map(([value, name]) => ({ value, name }));
  return (
    <Dialog title={text.title} isOpen onClose={onClose}>
      <p className="soft small">{text.lead}</p>
      <Choice
        label={text.theme}
        value={look.theme}
        options={optionsOf(text.themes)}
        onChange={(theme) => set({ theme: theme as Look['theme'] })}
        isRow
      />
      <Choice
        label={text.contrast}
        value={look.contrast}
        options={optionsOf(text.contrasts)}
        onChange={(contrast) => set({ contrast: contrast as Look['contrast'] })}
        isRow
      />
      <Choice
        label={text.density}
        value={look.density}
        options={optionsOf(text.densities)}
        onChange={(density) => set({ density: density as Look['density'] })}
        isRow
      />
      <p className="small">
        <Link to="/settings/backups" onClick={onClose}>
          {strings.backups.open}
        </Link>
      </p>
      <div className="row between">
        <Button look="quiet" onPress={onSignOut}>
          {strings.signOut}
        </Button>
        <Button look="primary" onPress={onClose}>
          {strings.close}
        </Button>
      </div>
    </Dialog>
  );
}
