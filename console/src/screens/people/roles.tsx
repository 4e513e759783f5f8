// The roles: built-in ones to read, own ones to change. Each says what it is for, what it may do, and how many hold it.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { deleteRole, type RoleFact, type Roles, rolesQuery } from '../../api/access.ts';
import { actionName, areaWords, roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { MayButton } from '../../ui/may.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { visible } from '../../ui/visible.ts';
import { PeoplePage } from './people-frame.tsx';
import type { Draft } from './role-draft.ts';
import { useRefreshAccess } from './use-refresh-access.ts';

const RoleEditor = lazy(() => import('./role-editor.tsx').then((file) => ({ default: file.RoleEditor })));
const text = strings.roleEditor;

const NEW: Draft = { role: null, meaning: '', actions: [] };

export function RolesScreen(): ReactNode {
  const query = useQuery(rolesQuery);
  const [draft, setDraft] = useState<Draft | null>(null);
  return (
    <PeoplePage
      lead={text.lead}
      actions={
        <MayButton action="access.grant" look="primary" onPress={() => setDraft(NEW)}>
          {text.add}
        </MayButton>
      }
    >
      <Answer query={query}>
        {(data) => {
          const own = data.roles.filter(({ isBuiltIn }) => !isBuiltIn);
          return (
            <>
              <section className="stack tight" aria-labelledby="own">
                <h2 id="own">{text.custom}</h2>
                {own.length === 0 ? (
                  <Notice icon="empty" title={text.customNone}>
                    <p>{text.customNoneLead}</p>
                  </Notice>
                ) : (
                  own.map((role) => <Role key={role.role} role={role} all={data} onDraft={setDraft} />)
                )}
              </section>
              <section className="stack tight" aria-labelledby="built-in">
                <h2 id="built-in">{text.builtIn}</h2>
                {data.roles
                  .filter(({ isBuiltIn }) => isBuiltIn)
                  .map((role) => (
                    <Role key={role.role} role={role} all={data} onDraft={setDraft} />
                  ))}
              </section>
              {draft === null ? null : (
                <Suspense fallback={null}>
                  <RoleEditor draft={draft} all={data} onClose={() => setDraft(null)} />
                </Suspense>
              )}
            </>
          );
        }}
      </Answer>
    </PeoplePage>
  );
}

function Role({ role, all, onDraft }: { role: RoleFact; all: Roles; onDraft: (draft: Draft) => void }): ReactNode {
  const refresh = useRefreshAccess();
  const [isDeleting, setDeleting] = useState(false);
  const name = visible(roleName(role.role));
  const headline = `role-${role.role}`;
  return (
    <article className="sheet role" aria-labelledby={headline}>
      <div className="row between">
        <h3 id={headline} className="row snug">
          {name}
          <Holders role={role} />
        </h3>
        <div className="row snug">
          {role.isBuiltIn ? (
            role.role === 'owner' || role.role === 'agent' ? null : (
              <MayButton
                action="access.grant"
                isCompact
                look="quiet"
                aria-label={text.copyOf(name)}
                onPress={() => onDraft({ role: null, meaning: '', actions: role.actions })}
              >
                {text.copy}
              </MayButton>
            )
          ) : (
            <>
              <MayButton
                action="access.grant"
                isCompact
                aria-label={text.editOf(name)}
                onPress={() => onDraft({ role, meaning: role.meaning, actions: role.actions })}
              >
                {text.edit}
              </MayButton>
              <MayButton action="access.grant" isCompact look="danger" aria-label={text.deleteOf(name)} onPress={() => setDeleting(true)}>
                {text.delete}
              </MayButton>
            </>
          )}
        </div>
      </div>
      <p className="small">{visible(role.meaning)}</p>
      {role.role === 'agent' ? <p className="small soft">{text.agentNote}</p> : null}
      <details>
        <summary>{role.actions.length === all.actions.length ? text.allActions : text.actions(role.actions.length)}</summary>
        <ActionsByArea actions={role.actions} />
      </details>
      {isDeleting ? (
        <Confirm
          title={text.deleteTitle(name)}
          lead={role.holders > 0 ? text.inUse : text.deleteLead}
          yes={text.delete}
          done={text.deleted(name)}
          look="danger"
          work={(reason) => deleteRole(role.role.replace(/^custom:/, ''), reason)}
          onClose={() => setDeleting(false)}
          onDone={refresh}
        />
      ) : null}
    </article>
  );
}

function Holders({ role }: { role: RoleFact }): ReactNode {
  if (role.holders === 0) return <span className="small soft">{text.usedNone}</span>;
  return (
    <Link className="small" to="/people" search={{ role: role.role }}>
      {text.used(role.holders)}
    </Link>
  );
}

export function ActionsByArea({ actions }: { actions: readonly string[] }): ReactNode {
  return (
    <dl className="facts by-area">
      {Object.entries(areaWords).map(([area, word]) => {
        const of = actions.filter((action) => action.startsWith(`${area}.`));
        return of.length === 0 ? null : (
          <div key={area} className="facts-line">
            <dt>{word}</dt>
            <dd>{of.map(actionName).join(', ')}</dd>
          </div>
        );
      })}
    </dl>
  );
}
