// One condition: a switch, what it names, what happens otherwise and for what.

import type { ReactNode } from 'react';
import { DAYS, type Day, type Part } from '../../api/conditions.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { Switch } from '../../ui/switch.tsx';
import type { Draft } from './draft.ts';

const text = strings.conditions;

interface Props {
  readonly part: Part;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly isDisabled: boolean;
  readonly warning: string | null;
}

export function PartFields({ part, draft, onChange, isDisabled, warning }: Props): ReactNode {
  const isOn = draft.on[part];
  const name = text.parts[part] ?? part;
  const demand = draft.demands[part];
  const setDemand = (change: object): void =>
    onChange({ ...draft, demands: { ...draft.demands, [part]: { ...demand, ...change } } as Draft['demands'] });
  return (
    <section className="sheet stack tight" aria-labelledby={`part-${part}`}>
      <div className="row between">
        <h2 id={`part-${part}`}>{name}</h2>
        <Switch
          label={text.switchOf(name)}
          word={isOn ? text.on : text.off}
          isOn={isOn}
          isDisabled={isDisabled}
          onPress={() => onChange({ ...draft, on: { ...draft.on, [part]: !isOn } })}
        />
      </div>
      <p className="soft">{text.partLeads[part]}</p>
      {isOn ? (
        <fieldset className="bare stack tight" disabled={isDisabled}>
          <legend className="visually-hidden">{name}</legend>
          {warning === null ? null : (
            <Callout tone="warn">
              <p>{warning}</p>
            </Callout>
          )}
          <Named part={part} draft={draft} onChange={onChange} />
          <div className="filters">
            <Select
              label={text.outside}
              value={demand.outside}
              options={text.outsides}
              hasAny={false}
              onChange={(outside) => setDemand({ outside })}
            />
            <Select
              label={text.applies}
              value={demand.applies}
              options={text.appliesTo}
              hasAny={false}
              onChange={(applies) => setDemand({ applies })}
            />
          </div>
        </fieldset>
      ) : null}
    </section>
  );
}

function Named({ part, draft, onChange }: Pick<Props, 'part' | 'draft' | 'onChange'>): ReactNode {
  switch (part) {
    case 'hours':
      return <HoursFields draft={draft} onChange={onChange} />;
    case 'networks':
      return (
        <TextInput
          label={text.ranges}
          value={draft.ranges}
          isLong
          hint={text.rangesHint}
          onChange={(ranges) => onChange({ ...draft, ranges })}
        />
      );
    case 'countries':
      return (
        <TextInput
          label={text.allowed}
          value={draft.countries}
          hint={text.allowedHint}
          onChange={(countries) => onChange({ ...draft, countries })}
        />
      );
    case 'training':
      return (
        <TextInput
          label={text.courses}
          value={draft.courses}
          hint={text.coursesHint}
          onChange={(courses) => onChange({ ...draft, courses })}
        />
      );
    case 'posture':
      return null;
    default:
      return part satisfies never;
  }
}

const NINE_TO_SIX = { from: '09:00', to: '18:00' };

function HoursFields({ draft, onChange }: Pick<Props, 'draft' | 'onChange'>): ReactNode {
  const set = (day: Day, span: { from: string; to: string } | undefined): void => {
    const { [day]: _, ...others } = draft.days;
    onChange({ ...draft, days: span === undefined ? others : { ...others, [day]: span } });
  };
  return (
    <>
      <TextInput
        label={text.timeZone}
        value={draft.timeZone}
        hint={text.timeZoneHint}
        onChange={(timeZone) => onChange({ ...draft, timeZone })}
      />
      <ul className="days">
        {DAYS.map((day) => {
          const span = draft.days[day];
          const name = text.days[day] ?? day;
          return (
            <li key={day} className="row snug">
              <label className="day">
                <input
                  type="checkbox"
                  checked={span !== undefined}
                  aria-label={text.works(name)}
                  onChange={(event) => set(day, event.target.checked ? NINE_TO_SIX : undefined)}
                />
                {name}
              </label>
              {span === undefined ? null : (
                <>
                  <input
                    type="time"
                    className="input"
                    aria-label={text.from(name)}
                    value={span.from}
                    onChange={(event) => set(day, { ...span, from: event.target.value })}
                  />
                  <span aria-hidden="true">–</span>
                  <input
                    type="time"
                    className="input"
                    aria-label={text.to(name)}
                    value={span.to === '24:00' ? '00:00' : span.to}
                    onChange={(event) => set(day, { ...span, to: event.target.value === '00:00' ? '24:00' : event.target.value })}
                  />
                </>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
