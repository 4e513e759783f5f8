// What decides about people by itself, the notice that goes with it, and declaring it.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type Decision, decisionsQuery, declareDecision, type NoticeText, noticeOf, withdrawDecision } from '../../api/assessments.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { savePage } from '../breaches/draft.tsx';
import { DutyBadge } from './words.tsx';

const text = strings.assessments.decisions;

export function Decisions(): ReactNode {
  const query = useQuery(decisionsQuery);
  const client = useQueryClient();
  const say = useToast();
  const may = useMay('assessments.manage');
  const [notice, setNotice] = useState<NoticeText | null>(null);
  const { fault, isWorking, run } = useWork();
  return (
    <section className="stack tight" aria-labelledby="decisions">
      <h2 id="decisions">{text.title}</h2>
      <p className="soft">{text.lead}</p>
      <FaultLine fault={fault} />
      <Answer query={query}>
        {({ decisions, duty }) => (
          <>
            <p>
              {duty.law} <DutyBadge duty={duty} />
            </p>
            {decisions.length === 0 ? (
              <p className="soft">{text.none}</p>
            ) : (
              <Table
                caption={text.title}
                rows={decisions}
                keyOf={(one) => `${one.kind} ${one.name}`}
                columns={[
                  { key: 'name', head: text.name, cell: (one) => visible(one.name) },
                  { key: 'decides', head: text.decides, cell: (one) => visible(one.decides) },
                  { key: 'significant', head: text.significant, cell: (one) => (one.significant ? text.yes : text.no) },
                  { key: 'mode', head: text.mode, cell: (one) => (one.alwaysByAPerson ? text.always : (text.modes[one.mode] ?? one.mode)) },
                  { key: 'source', head: text.source, cell: (one) => text.sources[one.source] },
                  {
                    key: 'notice',
                    head: text.notice,
                    cell: (one) => (
                      <span className="row">
                        <Button
                          aria-label={`${text.notice}: ${one.name}`}
                          onPress={() =>
                            void run(async () => {
                              setNotice(await noticeOf(one));
                            })
                          }
                        >
                          {text.notice}
                        </Button>
                        {one.source === 'declared' && may.isAllowed ? (
                          <MayButton
                            action="assessments.manage"
                            isCompact
                            isPending={isWorking}
                            aria-label={`${text.withdraw}: ${one.name}`}
                            onPress={() =>
                              void run(async () => {
                                await withdrawDecision(one);
                                say(text.withdrawn);
                                await client.invalidateQueries({ queryKey: ['decisions'] });
                                await client.invalidateQueries({ queryKey: ['assessments'] });
                              })
                            }
                          >
                            {text.withdraw}
                          </MayButton>
                        ) : null}
                      </span>
                    ),
                  },
                ]}
              />
            )}
          </>
        )}
      </Answer>
      {notice === null ? null : <NoticeDialog notice={notice} onClose={() => setNotice(null)} />}
      {may.isAllowed ? <DeclareForm /> : null}
    </section>
  );
}

function NoticeDialog({ notice, onClose }: { notice: NoticeText; onClose: () => void }): ReactNode {
  return (
    <Dialog title={notice.title} isOpen onClose={onClose}>
      {notice.missing.length === 0 ? null : <p className="soft">{text.noticeMissing(notice.missing.join(', '))}</p>}
      {notice.parts.map(({ heading, text: said }) => (
        <div key={heading}>
          <h3>{heading}</h3>
          <p>{said === null ? '–' : visible(said)}</p>
        </div>
      ))}
      <div className="row">
        <Button look="primary" onPress={() => savePage('notice.html', notice.html)}>
          {text.save}
        </Button>
        <Button onPress={onClose}>{text.close}</Button>
      </div>
    </Dialog>
  );
}

const EMPTY = { name: '', decides: '', purpose: '', logic: '' };

function DeclareForm(): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [kind, setKind] = useState<Decision['kind']>('operation');
  const [mode, setMode] = useState('wait');
  const [significant, setSignificant] = useState('yes');
  const [words, setWords] = useState(EMPTY);
  const { fault, isWorking, run } = useWork();
  const set = (field: keyof typeof EMPTY, max: number) => (next: string) =>
    setWords((known) => ({ ...known, [field]: next.slice(0, max) }));
  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      const { name, decides, purpose, logic } = words;
      await declareDecision(
        { kind, name: name.trim() },
        { decides: decides.trim(), purpose, logic, mode, significant: significant === 'yes' },
      );
      setWords(EMPTY);
      say(text.declared);
      await client.invalidateQueries({ queryKey: ['decisions'] });
      await client.invalidateQueries({ queryKey: ['assessments'] });
    });
  }
  return (
    <form className="sheet stack tight" aria-labelledby="declare" onSubmit={(event) => void send(event)}>
      <h3 id="declare">{text.declareTitle}</h3>
      <div className="filters">
        <Select
          label={text.kind}
          value={kind}
          hasAny={false}
          options={text.kinds}
          onChange={(next) => setKind(next === 'workflow' ? 'workflow' : 'operation')}
        />
        <TextInput label={text.nameField} hint={text.nameHint} value={words.name} onChange={set('name', 190)} />
        <TextInput label={text.decides} value={words.decides} onChange={set('decides', 300)} />
      </div>
      <TextInput label={text.purpose} value={words.purpose} isLong onChange={set('purpose', 2_000)} />
      <TextInput label={text.logic} value={words.logic} isLong onChange={set('logic', 4_000)} />
      <Choice
        label={text.significantField}
        value={significant}
        isRow
        options={[
          { value: 'yes', name: text.yes },
          { value: 'no', name: text.no },
        ]}
        onChange={setSignificant}
      />
      <Select label={text.mode} value={mode} hasAny={false} options={text.modes} onChange={(next) => setMode(next ?? 'wait')} />
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="assessments.manage"
          type="submit"
          isDisabled={words.name.trim() === '' || words.decides.trim() === ''}
          isPending={isWorking}
        >
          {text.declare}
        </MayButton>
      </div>
    </form>
  );
}
