// Purposes of tokens: what each covers, who opens its tokens and how many there are; declaring one, and ending one for good.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { declarePurpose, endPurpose, purposesQuery, type TokenPurpose } from '../../api/tokens.ts';
import { roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { formatCount } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { className } from './words.ts';

const text = strings.tokens;
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
/** What is asked for in practice; the command line takes every kind. */
const CLASSES = [
  'email_address',
  'phone_number',
  'customer_number',
  'order_number',
  'street_address',
  'bank_account',
  'birth_date',
  'payment_card',
];
/** The roles that may open tokens at all. */
const OPENERS = ['owner', 'privacy', 'support'];
const MAX_DAYS = 36_500;

export function TokenPurposes(): ReactNode {
  const may = useMay('tokens.view');
  return may.isAllowed ? <Purposes /> : null;
}

function Purposes(): ReactNode {
  const client = useQueryClient();
  const query = useQuery(purposesQuery);
  const [ending, setEnding] = useState<TokenPurpose | null>(null);
  const [editing, setEditing] = useState<TokenPurpose | 'new' | null>(null);
  const reread = (): Promise<void> => client.invalidateQueries({ queryKey: purposesQuery.queryKey });
  return (
    <section className="sheet stack tight" aria-labelledby="tokens">
      <div className="row between">
        <h2 id="tokens">{text.title}</h2>
        <MayButton action="tokens.manage" onPress={() => setEditing('new')}>
          {text.declare}
        </MayButton>
      </div>
      <p className="soft">
        {text.lead} <a href="/docs/personal-data.html#tokens-at-rest">{text.docs}</a>
      </p>
      <Answer query={query}>
        {({ purposes }) =>
          purposes.length === 0 ? (
            <p className="soft small">{text.none}</p>
          ) : (
            <Table caption={text.title} rows={purposes} keyOf={({ name }) => name} columns={columnsOf(setEditing, setEnding)} />
          )
        }
      </Answer>
      {editing === null ? null : <Declare purpose={editing === 'new' ? null : editing} onDone={reread} onClose={() => setEditing(null)} />}
      {ending === null ? null : (
        <Confirm
          title={text.endOf(visible(ending.name))}
          lead={text.endLead(ending.tokens)}
          yes={text.end}
          done={text.endDone}
          look="danger"
          work={(reason) => endPurpose(ending.name, reason)}
          onDone={reread}
          onClose={() => setEnding(null)}
        />
      )}
    </section>
  );
}

const openerName = (who: string): string => (who.startsWith('role:') ? roleName(who.slice('role:'.length)) : text.somebody);

const columnsOf = (edit: (purpose: TokenPurpose) => void, end: (purpose: TokenPurpose) => void): readonly Column<TokenPurpose>[] => [
  { key: 'name', head: text.purpose, cell: ({ name }) => <code>{visible(name)}</code> },
  { key: 'classes', head: text.classes, cell: ({ classes }) => classes.map((one) => className(one.class)).join(', ') },
  {
    key: 'tokens',
    head: text.tokens,
    cell: ({ tokens, ended }) => (
      <>
        {formatCount(tokens)} {ended === 0 ? null : <span className="soft small">{text.endedTokens(ended)}</span>}
      </>
    ),
  },
  { key: 'openers', head: text.openers, cell: ({ openers }) => (openers.length === 0 ? text.nobody : openers.map(openerName).join(', ')) },
  { key: 'keep', head: text.keep, cell: ({ keepDays }) => text.days(keepDays) },
  {
    key: 'state',
    head: text.state,
    cell: (purpose) =>
      purpose.endedAt !== null ? (
        <Badge tone="plain">{text.over}</Badge>
      ) : (
        <div className="row">
          <MayButton action="tokens.manage" isCompact aria-label={text.changeOf(visible(purpose.name))} onPress={() => edit(purpose)}>
            {text.change}
          </MayButton>
          <MayButton action="tokens.manage" isCompact aria-label={text.endOf(visible(purpose.name))} onPress={() => end(purpose)}>
            {text.end}
          </MayButton>
        </div>
      ),
  },
];

interface DeclareProps {
  /** Null: a new one. */
  readonly purpose: TokenPurpose | null;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

function Declare({ purpose, onDone, onClose }: DeclareProps): ReactNode {
  const say = useToast();
  const { fault, isWorking, run } = useWork();
  const [name, setName] = useState(purpose?.name ?? '');
  const [classes, setClasses] = useState<readonly string[]>(purpose?.classes.map((one) => one.class) ?? ['email_address']);
  const [openers, setOpeners] = useState<readonly string[]>(purpose?.openers ?? []);
  const [days, setDays] = useState(String(purpose?.keepDays ?? 365));
  const keepDays = Number(days);
  const isFit = NAME.test(name) && classes.length > 0 && Number.isInteger(keepDays) && keepDays >= 1 && keepDays <= MAX_DAYS;
  async function declare(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await declarePurpose(name, { classes, openers, keepDays });
      say(text.declared);
      onClose();
      await onDone();
    });
  }
  const roles = [...new Set([...OPENERS.map((role) => `role:${role}`), ...openers])];
  return (
    <Dialog title={purpose === null ? text.declare : text.changeOf(visible(purpose.name))} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void declare(event)}>
        {purpose === null ? (
          <TextInput label={text.name} hint={text.nameHint} value={name} onChange={(next) => setName(next.toLowerCase().slice(0, 63))} />
        ) : null}
        <Checks legend={text.classes} all={[...new Set([...CLASSES, ...classes])]} on={classes} nameOf={className} onChange={setClasses} />
        <Checks legend={text.openers} all={roles} on={openers} nameOf={openerName} onChange={setOpeners} />
        <TextInput label={text.keepDays} type="number" value={days} onChange={setDays} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button look="primary" type="submit" isDisabled={!isFit} isPending={isWorking}>
            {text.save}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ChecksProps {
  readonly legend: string;
  readonly all: readonly string[];
  readonly on: readonly string[];
  readonly nameOf: (one: string) => string;
  readonly onChange: (on: readonly string[]) => void;
}

function Checks({ legend, all, on, nameOf, onChange }: ChecksProps): ReactNode {
  return (
    <fieldset className="field">
      <legend className="label">{legend}</legend>
      {all.map((one) => (
        <label key={one} className="row check">
          <input
            type="checkbox"
            checked={on.includes(one)}
            onChange={(event) => onChange(event.target.checked ? [...on, one] : on.filter((other) => other !== one))}
          />
          {nameOf(one)}
        </label>
      ))}
    </fieldset>
  );
}
