// How the console looks in this browser, and the way out. Loaded when it is first opened.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { roleName } from '../strings/en/access-words.ts';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { choose, chosenLook, type Look } from '../ui/theme.ts';
import { visible } from '../ui/visible.ts';

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
      <Who onClose={onClose} />
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

/** Who is signed in and as what; what follows from that is a link away. */
function Who({ onClose }: { onClose: () => void }): ReactNode {
  const session = useQuery(sessionQuery).data;
  if (session === undefined) return null;
  return (
    <div className="small">
      <p>
        {session.name === null ? null : <b>{visible(session.name)} </b>}
        {session.roles.map(roleName).join(', ') || strings.people.rolesNone}
        {' · '}
        <Link to="/people/$id" params={{ id: session.person }} search={{ tab: 'may' }} onClick={onClose}>
          {strings.nav.myAccess}
        </Link>
      </p>
      {session.isSolo ? <p className="soft">{strings.people.solo.short}</p> : null}
    </div>
  );
}
