// What access depends on beside roles, in one form, with what this very request looks like to it; freezes; and sessions that are unusual.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type Conditions, conditionsQuery, setConditions } from '../../api/conditions.ts';
import { strings } from '../../strings/en.ts';
import { Choice } from '../../ui/choice.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { draftOf, PARTS, settingsOf } from './draft.ts';
import { Freezes } from './freezes.tsx';
import { PartFields } from './part-fields.tsx';
import { Trainings } from './trainings.tsx';
import { UnusualSessions } from './unusual.tsx';
import './conditions.css';

const text = strings.conditions;
const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ConditionsScreen(): ReactNode {
  const query = useQuery(conditionsQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>
        {(conditions) => (
          <>
            <You you={conditions.you} />
            <UnusualSessions risks={conditions.risks} />
            <Freezes freezes={conditions.freezes} />
            {/* Another state of the server is another form. */}
            <SettingsForm key={JSON.stringify(conditions.settings)} conditions={conditions} />
            <Trainings conditions={conditions} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function You({ you }: { you: Conditions['you'] }): ReactNode {
  return (
    <section className="sheet stack tight" aria-labelledby="you">
      <h2 id="you">{text.you}</h2>
      <dl className="facts">
        <dt>{text.address}</dt>
        <dd className="mono">{you.address === null ? text.addressNone : visible(you.address)}</dd>
        <dt>{text.network}</dt>
        <dd>{text.networks[you.network] ?? you.network}</dd>
        <dt>{text.country}</dt>
        <dd>{you.country === 'unknown' ? text.unknown : you.country}</dd>
        <dt>{text.risk}</dt>
        <dd>{text.risks[you.risk] ?? you.risk}</dd>
      </dl>
    </section>
  );
}

function SettingsForm({ conditions }: { conditions: Conditions }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const may = useMay('conditions.manage');
  const [draft, setDraft] = useState(() => draftOf(conditions.settings, here()));
  const { fault, isWorking, run } = useWork();
  async function save(event?: FormEvent): Promise<void> {
    event?.preventDefault();
    await run(async () => {
      client.setQueryData(conditionsQuery.queryKey, await setConditions(settingsOf(draft)));
      say(text.saved);
    });
  }
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      {PARTS.map((part) => (
        <PartFields
          key={part}
          part={part}
          draft={draft}
          onChange={setDraft}
          isDisabled={!may.isAllowed}
          warning={part === 'countries' && !conditions.knowsCountries ? text.noCountries : null}
        />
      ))}
      <section className="sheet stack tight" aria-label={text.cases}>
        <Choice
          label={text.cases}
          value={draft.cases}
          isDisabled={!may.isAllowed}
          options={Object.entries(text.casesOf).map(([value, name]) => ({ value, name }))}
          onChange={(cases) => setDraft({ ...draft, cases: cases === 'everybody' ? 'everybody' : 'support' })}
        />
      </section>
      <FaultLine fault={fault} words={text.whyNot} />
      <p>
        <MayButton action="conditions.manage" look="primary" isPending={isWorking} onPress={() => void save()}>
          {text.save}
        </MayButton>
      </p>
    </form>
  );
}
