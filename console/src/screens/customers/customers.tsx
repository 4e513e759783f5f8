// One customer's details, asked for with a case and a reason, shown for as long as the server says, and gone from the page afterwards.
// INVARIANT: what is hidden is neither in the document nor in the state of the page.

import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { type CaseKind, type CustomerDetails, type CustomerSearch, caseKindsQuery, readCustomer } from '../../api/customers.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.customers;

export function CustomersScreen(): ReactNode {
  const query = useQuery(caseKindsQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>
        {({ cases }) =>
          cases.length === 0 ? (
            <Notice icon="lock" title={text.none}>
              <p>{text.noneLead}</p>
              <p>
                <a href="/docs/access.html#customers-details">{text.noneDocs}</a>
              </p>
            </Notice>
          ) : (
            <Reading cases={cases} />
          )
        }
      </Answer>
    </Page>
  );
}

const keyOf = ({ integration, kind }: Pick<CaseKind, 'integration' | 'kind'>): string => `${integration} ${kind}`;

interface Asked {
  readonly kind: CaseKind;
  readonly number: string;
}

/** The case the address names, when it is one of those. */
function askedIn(cases: readonly CaseKind[], search: CustomerSearch): Asked {
  const [named = '', ...rest] = (search.for ?? '').split(':');
  const among = cases.filter(({ integration }) => search.integration === undefined || integration === search.integration);
  const kind = among.find((one) => one.kind === named);
  return { kind: kind ?? among[0] ?? (cases[0] as CaseKind), number: kind === undefined ? '' : rest.join(':') };
}

function Reading({ cases }: { cases: readonly CaseKind[] }): ReactNode {
  const search = useSearch({ strict: false }) as CustomerSearch;
  const [asked, setAsked] = useState(() => askedIn(cases, search));
  const [wanted, setWanted] = useState<readonly string[]>([]);
  const [reason, setReason] = useState('');
  const [shown, setShown] = useState<ShownDetails | null>(null);
  const { fault, isWorking, run } = useWork();
  const { kind, number } = asked;
  const classes = wanted.filter((one) => kind.classes.includes(one));
  const isReady = number.trim() !== '' && classes.length > 0 && reason.trim().length > 2;

  async function show(event: FormEvent): Promise<void> {
    event.preventDefault();
    setShown(null);
    await run(async () => {
      const details = await readCustomer(kind.integration, { for: `${kind.kind}:${number.trim()}`, classes, reason: reason.trim() });
      setShown({ details, untilMs: Date.now() + details.expiresInSeconds * 1000, isHidden: false });
    });
  }

  return (
    <>
      <form className="sheet stack" onSubmit={(event) => void show(event)}>
        <div className="filters">
          <Select
            label={text.kind}
            value={keyOf(kind)}
            hasAny={false}
            options={Object.fromEntries(cases.map((one) => [keyOf(one), text.kindOf(visible(one.integration), visible(one.kind))]))}
            onChange={(next) => setAsked({ kind: cases.find((one) => keyOf(one) === next) ?? kind, number })}
          />
          <TextInput
            label={text.number}
            hint={text.numberHint}
            value={number}
            onChange={(next) => setAsked({ kind, number: next.slice(0, 100) })}
          />
        </div>
        <fieldset className="bare stack tight">
          <legend className="label">{text.which}</legend>
          <div className="row">
            {kind.classes.map((one) => (
              <label key={one} className="day">
                <input
                  type="checkbox"
                  checked={classes.includes(one)}
                  onChange={(event) => setWanted(event.target.checked ? [...wanted, one] : wanted.filter((other) => other !== one))}
                />
                {text.classes[one] ?? one}
              </label>
            ))}
          </div>
        </fieldset>
        <TextInput label={text.reason} hint={text.reasonHint} value={reason} onChange={(next) => setReason(next.slice(0, 500))} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isDisabled={!isReady} isPending={isWorking}>
            {text.show}
          </Button>
        </div>
      </form>
      {shown === null ? null : <Shown key={shown.untilMs} {...shown} onHide={() => setShown(withoutValues)} />}
    </>
  );
}

interface ShownDetails {
  readonly details: CustomerDetails;
  readonly untilMs: number;
  readonly isHidden: boolean;
}

function withoutValues(shown: ShownDetails | null): ShownDetails | null {
  if (shown === null) return null;
  const fields = shown.details.fields.map(({ name, classes }) => ({ name, classes, value: null }));
  return { ...shown, details: { ...shown.details, fields }, isHidden: true };
}

function Shown({ details, untilMs, isHidden, onHide }: ShownDetails & { onHide: () => void }): ReactNode {
  const seconds = Math.max(0, Math.ceil((untilMs - useNow(500)) / 1000));
  const isDue = seconds === 0 && !isHidden;
  useEffect(() => {
    if (isDue) onHide();
  }, [isDue, onHide]);
  return (
    <section className="sheet stack" aria-labelledby="shown">
      <div className="row between">
        <h2 id="shown">{text.shownFor(visible(details.purpose))}</h2>
        {isHidden ? null : (
          <div className="row">
            <span className="small soft">{text.hidesIn(seconds)}</span>
            <Button onPress={onHide}>{text.hide}</Button>
          </div>
        )}
      </div>
      <p className={isHidden ? 'soft' : 'visually-hidden'} aria-live="polite">
        {isHidden ? text.hidden : text.shownFor(visible(details.purpose))}
      </p>
      {details.fields.length === 0 ? <p>{text.nothing}</p> : null}
      <dl className="facts">
        {details.fields.map(({ name, value }, nth) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one field may be there more than once, in a fixed order.
          <div key={nth}>
            <dt>{visible(name)}</dt>
            <dd>{isHidden ? <Masked /> : <Value value={value} />}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Masked(): ReactNode {
  return (
    <>
      <span aria-hidden="true">•••••</span>
      <span className="visually-hidden">{text.masked}</span>
    </>
  );
}

function Value({ value }: { value: unknown }): ReactNode {
  if (typeof value !== 'object' || value === null) return visible(value === null || value === undefined ? '' : String(value));
  return Object.entries(value)
    .filter(([, member]) => member !== null && member !== '')
    .map(([name, member]) => (
      <div key={name}>
        <span className="small soft">{visible(name)}</span> {visible(typeof member === 'object' ? JSON.stringify(member) : String(member))}
      </div>
    ));
}
