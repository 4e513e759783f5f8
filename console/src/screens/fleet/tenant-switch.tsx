// The tenant this tab is about, in the frame: only for those whom more than one lets in. And what says that one is a visitor.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { fleetTenantsQuery } from '../../api/fleet.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Select } from '../../ui/fields.tsx';
import { Page } from '../../ui/page.tsx';
import { Notice } from '../../ui/states.tsx';
import { useEnter, useTenant } from './use-enter.ts';

const text = strings.fleet;

export function TenantSwitch(): ReactNode {
  const tenants = useQuery(fleetTenantsQuery).data?.tenants ?? [];
  const enter = useEnter();
  const here = useTenant();
  if (tenants.length < 2 && here === null) return null;
  const options = Object.fromEntries(tenants.map(({ id, name, home }) => [id, home ? text.own(name) : name]));
  const own = tenants.find(({ home }) => home);
  return (
    <>
      <Select
        label={text.switchLabel}
        value={here?.id ?? own?.id}
        hasAny={false}
        options={options}
        onChange={(id) => {
          const chosen = tenants.find((tenant) => tenant.id === id);
          void enter(chosen === undefined || chosen.home ? null : { id: chosen.id, name: chosen.name });
        }}
      />
      <Link to="/fleet">{text.nav}</Link>
    </>
  );
}

export function VisitBanner(): ReactNode {
  const here = useTenant();
  const enter = useEnter();
  if (here === null) return null;
  return (
    <Callout tone="info" icon="person" action={<Button onPress={() => void enter(null)}>{text.leave}</Button>}>
      <p>
        <b>{text.visiting(here.name)}</b> {text.visitingLead}
      </p>
    </Callout>
  );
}

/** In place of everything else when the tenant lets one in no more. */
export function VisitOver({ why }: { why: string }): ReactNode {
  const enter = useEnter();
  return (
    <main id="content">
      <Page title={useTenant()?.name ?? text.title}>
        <Notice icon="lock" title={strings.states.deniedTitle} isAlert>
          <p>{why}</p>
          <Button look="primary" onPress={() => void enter(null)}>
            {text.leave}
          </Button>
        </Notice>
      </Page>
    </main>
  );
}
