// Says where the tenant is, and what an integration may receive. Asks for nothing on a fresh installation: everything here is a choice.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type Declared, declare, destinationsQuery, type Flow, type FlowMap, setHome } from '../../api/data.ts';
import { strings } from '../../strings/en.ts';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.data.map;
const COUNTRY = /^[A-Z]{2}$/;
const cleaned = (country: string): string => country.trim().toUpperCase().slice(0, 2);

export function HomeForm({ profile }: { profile: FlowMap['profile'] }): ReactNode {
  const client = useQueryClient();
  const [country, setCountry] = useState(profile.home ?? '');
  const [controller, setController] = useState(profile.controller);
  const [contact, setContact] = useState(profile.contact);
  const [isSaved, setSaved] = useState(false);
  const { fault, isWorking, run } = useWork();
  const isFit = country === '' || COUNTRY.test(country);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    setSaved(false);
    const done = await run(async () => {
      await setHome({ home: country === '' ? null : country, controller: controller.trim(), contact: contact.trim() });
      await client.invalidateQueries({ queryKey: ['flows'] });
    });
    setSaved(done);
  }
  return (
    <form className="sheet stack tight" aria-labelledby="home" onSubmit={(event) => void save(event)}>
      <h2 id="home">{text.home}</h2>
      <p>{text.homeLead}</p>
      <p className="soft">{profile.region === null ? text.homeOff : text.homeOn(profile.region)}</p>
      <div className="filters">
        <TextInput label={text.country} value={country} onChange={(next) => setCountry(cleaned(next))} />
        <TextInput label={text.controller} value={controller} onChange={(next) => setController(next.slice(0, 200))} />
        <TextInput label={text.contact} value={contact} onChange={(next) => setContact(next.slice(0, 200))} />
      </div>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton action="records.manage" type="submit" isDisabled={!isFit} isPending={isWorking}>
          {text.save}
        </MayButton>
        <span role="status">{isSaved ? text.saved : ''}</span>
      </div>
    </form>
  );
}

export function DeclareForm({ flows }: { flows: readonly Flow[] }): ReactNode {
  const declared = useQuery(destinationsQuery).data?.destinations ?? [];
  const names = [...new Set([...flows.map(({ destination }) => destination), ...declared.map(({ name }) => name)])].sort();
  const [chosen, setChosen] = useState<string | null>(null);
  const name = chosen ?? names[0];
  if (name === undefined) return null;
  const seen = [
    ...new Set(flows.filter((flow) => flow.direction === 'out' && flow.destination === name).map(({ dataClass }) => dataClass)),
  ];
  const now = declared.find((one) => one.name === name);
  return (
    <section className="sheet stack tight" aria-labelledby="declare">
      <h2 id="declare">{text.declareTitle}</h2>
      <p>{text.declareLead}</p>
      <Select
        label={text.which}
        value={name}
        hasAny={false}
        options={Object.fromEntries(names.map((one) => [one, visible(one)]))}
        onChange={(next) => setChosen(next ?? null)}
      />
      <Fields key={`${name} ${now?.country ?? ''}`} name={name} now={now} seen={seen} />
    </section>
  );
}

function Fields({ name, now, seen }: { name: string; now: Declared | undefined; seen: readonly string[] }): ReactNode {
  const client = useQueryClient();
  const [vendor, setVendor] = useState(now?.vendor ?? '');
  const [country, setCountry] = useState(now?.country ?? '');
  const [role, setRole] = useState(now?.role ?? 'processor');
  const [legalBasis, setLegalBasis] = useState(now?.legalBasis ?? 'undeclared');
  const [transferBasis, setTransferBasis] = useState(now?.transferBasis ?? 'none');
  const [purpose, setPurpose] = useState(now?.purpose ?? '');
  const [days, setDays] = useState(String(now?.retentionDays ?? ''));
  const [isSaved, setSaved] = useState(false);
  const { fault, isWorking, run } = useWork();
  const classes = [...new Set([...(now?.classes ?? []), ...seen])];
  const isFit = vendor.trim() !== '' && COUNTRY.test(country) && /^\d{0,5}$/.test(days);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    setSaved(false);
    const done = await run(async () => {
      await declare(name, {
        ...{ vendor: vendor.trim(), country, role, legalBasis, transferBasis, purpose: purpose.trim(), classes },
        retentionDays: Number(days) > 0 ? Number(days) : null,
        measures: now?.measures ?? '',
        uses: now?.uses ?? [],
        optOutField: now?.optOutField ?? null,
      });
      await client.invalidateQueries({ queryKey: ['flows'] });
    });
    setSaved(done);
  }
  const { undeclared: _, ...bases } = text.transferBases;
  return (
    <form className="stack tight" aria-label={text.declareTitle} onSubmit={(event) => void save(event)}>
      <div className="filters">
        <TextInput label={text.vendor} value={vendor} onChange={(next) => setVendor(next.slice(0, 120))} />
        <TextInput label={text.country} value={country} onChange={(next) => setCountry(cleaned(next))} />
        <Select label={text.role} value={role} hasAny={false} options={text.roles} onChange={(next) => setRole(next ?? role)} />
        <Select
          label={text.legalBasis}
          value={legalBasis}
          hasAny={false}
          options={text.legalBases}
          onChange={(next) => setLegalBasis(next ?? legalBasis)}
        />
        <Select
          label={text.transferBasis}
          value={transferBasis}
          hasAny={false}
          options={bases}
          onChange={(next) => setTransferBasis(next ?? transferBasis)}
        />
        <TextInput label={text.purpose} value={purpose} onChange={(next) => setPurpose(next.slice(0, 300))} />
        <TextInput label={text.retention} value={days} onChange={(next) => setDays(next.replace(/\D/g, '').slice(0, 5))} />
      </div>
      <p className="small soft">{text.asSeen(classes.length)}</p>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton action="records.manage" type="submit" isDisabled={!isFit} isPending={isWorking}>
          {text.declare}
        </MayButton>
        <span role="status">{isSaved ? text.saved : ''}</span>
      </div>
    </form>
  );
}
