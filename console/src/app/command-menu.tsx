// Ctrl-K: type a word, press Enter. Loaded when it is first opened.

import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { Autocomplete, Dialog, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField, useFilter } from 'react-aria-components';
import { sessionQuery } from '../api/queries.ts';
import { strings } from '../strings/en.ts';
import { choose } from '../ui/theme.ts';
import { openShortcutHelp } from './shortcuts.tsx';

const { nav, settings, calls, menu } = strings;

interface Command {
  readonly id: string;
  readonly name: string;
  /** What one must be allowed to see for it to be of use. */
  readonly needs?: string;
  readonly run: () => unknown;
}

export interface Props {
  readonly onClose: () => void;
  readonly onSignOut: () => void;
}

export function CommandMenu({ onClose, onSignOut }: Props): ReactNode {
  const navigate = useNavigate();
  // A pointer that lies where the menu opens chooses nothing: it would take the place of what is typed.
  const [isStill, setStill] = useState(true);
  const { contains } = useFilter({ sensitivity: 'base' });
  useEffect(() => {
    const onMove = (event: PointerEvent): void => {
      if (event.movementX !== 0 || event.movementY !== 0) setStill(false);
    };
    window.addEventListener('pointermove', onMove);
    return () => window.removeEventListener('pointermove', onMove);
  }, []);
  const signOut = useRef(onSignOut);
  useEffect(() => {
    signOut.current = onSignOut;
  });
  // The same objects on every render: what draws the list again must not move the choice of whoever is typing.
  const session = useQuery(sessionQuery).data;
  const me = session?.person ?? '';
  const can = session?.can;
  const commands = useMemo<readonly Command[]>(() => {
    const all: readonly Command[] = [
      { id: 'overview', name: nav.overview, run: () => navigate({ to: '/' }) },
      { id: 'inbox', name: nav.inbox, needs: 'approvals.view', run: () => navigate({ to: '/inbox' }) },
      { id: 'runs', name: nav.runs, needs: 'runs.view', run: () => navigate({ to: '/runs' }) },
      {
        id: 'running',
        needs: 'runs.view',
        name: `${nav.runs}: ${strings.runs.states.running}`,
        run: () => navigate({ to: '/runs', search: { state: 'running' } }),
      },
      { id: 'workflows', name: nav.workflows, needs: 'workflows.view', run: () => navigate({ to: '/workflows' }) },
      { id: 'customers', name: strings.customers.nav, needs: 'customers.read', run: () => navigate({ to: '/customers' }) },
      { id: 'calls', name: nav.calls, needs: 'calls.view', run: () => navigate({ to: '/calls' }) },
      {
        id: 'refused',
        needs: 'calls.view',
        name: `${nav.calls}: ${calls.outcomes.refused}`,
        run: () => navigate({ to: '/calls', search: { outcome: 'refused' } }),
      },
      { id: 'audit', name: nav.audit, needs: 'events.view', run: () => navigate({ to: '/audit' }) },
      {
        id: 'privileged',
        needs: 'events.view',
        name: `${nav.audit}: ${nav.privileged}`,
        run: () => navigate({ to: '/audit', search: { privileged: 'yes' } }),
      },
      { id: 'integrity', name: nav.integrity, needs: 'ledger.view', run: () => navigate({ to: '/audit/integrity' }) },
      { id: 'alerts', name: strings.alerts.nav, needs: 'alerts.view', run: () => navigate({ to: '/alerts' }) },
      { id: 'data-matrix', name: strings.dataMatrix.title, needs: 'matrix.view', run: () => navigate({ to: '/data/matrix' }) },
      { id: 'data-map', name: strings.data.map.nav, needs: 'records.view', run: () => navigate({ to: '/data/map' }) },
      {
        id: 'encryption',
        name: `${strings.encryption.nav}: ${strings.encryption.where}`,
        needs: 'records.view',
        run: () => navigate({ to: '/data/encryption' }),
      },
      { id: 'privacy', name: strings.privacy.requests.nav, needs: 'privacy.view', run: () => navigate({ to: '/data/privacy' }) },
      { id: 'breaches', name: strings.breaches.nav, needs: 'breaches.view', run: () => navigate({ to: '/data/breaches' }) },
      { id: 'assessments', name: strings.assessments.nav, needs: 'assessments.view', run: () => navigate({ to: '/data/assessments' }) },
      { id: 'retention', name: strings.privacy.retention.nav, needs: 'privacy.view', run: () => navigate({ to: '/data/retention' }) },
      { id: 'canaries', name: strings.canaries.nav, needs: 'canaries.view', run: () => navigate({ to: '/data/canaries' }) },
      { id: 'datasets', name: strings.data.sets.nav, needs: 'datasets.view', run: () => navigate({ to: '/data/datasets' }) },
      { id: 'conditions', name: strings.conditions.title, needs: 'conditions.view', run: () => navigate({ to: '/settings/conditions' }) },
      { id: 'backups', name: nav.backups, needs: 'backups.view', run: () => navigate({ to: '/settings/backups' }) },
      { id: 'people', name: nav.people, needs: 'people.view', run: () => navigate({ to: '/people' }) },
      { id: 'roles', name: `${nav.people}: ${nav.peopleRoles}`, needs: 'access.view', run: () => navigate({ to: '/people/roles' }) },
      {
        id: 'groups',
        name: `${nav.people}: ${strings.people.nav.groups}`,
        needs: 'access.view',
        run: () => navigate({ to: '/people/groups' }),
      },
      { id: 'reviews', name: `${nav.people}: ${nav.peopleReviews}`, needs: 'least.view', run: () => navigate({ to: '/people/reviews' }) },
      { id: 'emergency', name: `${nav.people}: ${nav.breakGlass}`, run: () => navigate({ to: '/people/emergency' }) },
      {
        id: 'stale',
        name: `${nav.people}: ${strings.people.shows.stale}`,
        needs: 'people.view',
        run: () => navigate({ to: '/people', search: { show: 'stale' } }),
      },
      { id: 'me', name: nav.myAccess, run: () => navigate({ to: '/people/$id', params: { id: me }, search: { tab: 'may' } }) },
      { id: 'access', name: nav.access, needs: 'workloads.view', run: () => navigate({ to: '/access' }) },
      { id: 'shortcuts', name: strings.shortcuts.title, run: openShortcutHelp },
      { id: 'demo', name: nav.demo, needs: 'demo.view', run: () => navigate({ to: '/demo' }) },
      { id: 'connect', name: nav.connect, needs: 'integrations.view', run: () => navigate({ to: '/connect' }) },
      { id: 'light', name: `${settings.theme}: ${settings.themes.light}`, run: () => choose({ theme: 'light' }) },
      { id: 'dark', name: `${settings.theme}: ${settings.themes.dark}`, run: () => choose({ theme: 'dark' }) },
      { id: 'system', name: `${settings.theme}: ${settings.themes.system}`, run: () => choose({ theme: 'system' }) },
      { id: 'high', name: `${settings.contrast}: ${settings.contrasts.more}`, run: () => choose({ contrast: 'more' }) },
      { id: 'usual', name: `${settings.contrast}: ${settings.contrasts.system}`, run: () => choose({ contrast: 'system' }) },
      { id: 'compact', name: `${settings.density}: ${settings.densities.compact}`, run: () => choose({ density: 'compact' }) },
      { id: 'comfortable', name: `${settings.density}: ${settings.densities.comfortable}`, run: () => choose({ density: 'comfortable' }) },
      { id: 'out', name: strings.signOut, run: () => signOut.current() },
    ];
    return all.filter(({ needs }) => needs === undefined || can?.includes(needs) === true);
  }, [navigate, me, can]);
  return (
    <ModalOverlay className="overlay top" isOpen isDismissable onOpenChange={(open) => open || onClose()}>
      <Modal className={`modal command ${isStill ? 'still' : ''}`}>
        <Dialog aria-label={menu.title} className="stack tight">
          <Autocomplete filter={contains}>
            <SearchField aria-label={menu.search} autoFocus>
              <Input className="input" placeholder={menu.search} />
            </SearchField>
            <Menu
              aria-label={menu.title}
              items={commands}
              renderEmptyState={() => <p className="soft">{menu.none}</p>}
              onAction={(key) => {
                onClose();
                commands.find((command) => command.id === key)?.run();
              }}
            >
              {(command) => <MenuItem textValue={command.name}>{command.name}</MenuItem>}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
