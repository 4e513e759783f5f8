// One pattern: what it finds is tried on a text that is kept nowhere, then it is saved with examples the server holds it against.

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { ApiFault } from '../../api/client.ts';
import type { MatrixClass } from '../../api/data-matrix.ts';
import { type Find, type Pattern, patternsQuery, putPattern, tryPattern } from '../../api/data-patterns.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { ReasonInput } from '../../ui/reason.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.dataPatterns;
const USUAL = 'customer_number';
/** More finds than one looks at. */
const MOST_SHOWN = 20;

export interface Props {
  /** Null: a new one. */
  readonly of: Pattern | null;
  readonly classes: readonly MatrixClass[];
  readonly onClose: () => void;
}

const lines = (typed: string): readonly string[] => typed.split('\n').filter((line) => line.trim() !== '');

/** Which example says otherwise: the server names its place. */
function wordsOf(fault: ApiFault | null): Readonly<Record<string, string>> {
  const [, list, place] = /^(matches|differs)\.(\d{1,2})$/.exec(String(fault?.evidence.field ?? '')) ?? [];
  if (list !== 'matches' && list !== 'differs') return {};
  return { DLP_PATTERN_EXAMPLE: text.exampleOf[list](Number(place) + 1) };
}

export function PatternDialog({ of, classes, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [name, setName] = useState(of?.name ?? '');
  const [kind, setKind] = useState(of?.class ?? USUAL);
  const [pattern, setPattern] = useState(of?.pattern ?? '');
  const [matches, setMatches] = useState((of?.matches ?? []).join('\n'));
  const [differs, setDiffers] = useState((of?.differs ?? []).join('\n'));
  const [reason, setReason] = useState('');
  const saving = useWork();
  const kinds = Object.fromEntries(classes.filter(({ isFound }) => isFound).map((one) => [one.class, one.meaning]));
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    await saving.run(async () => {
      await putPattern({ name, class: kind, pattern, matches: lines(matches), differs: lines(differs) }, reason);
      say(text.saved);
      onClose();
      await client.invalidateQueries({ queryKey: patternsQuery.queryKey });
    });
  }
  return (
    <Dialog title={of === null ? text.add : text.changeOf(of.name)} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void save(event)}>
        {of === null ? <TextInput label={text.name} value={name} hint={text.nameHint} onChange={setName} /> : null}
        <Select label={text.kind} value={kind} options={kinds} hasAny={false} onChange={(next) => setKind(next ?? USUAL)} />
        <TextInput label={text.pattern} value={pattern} hint={text.patternHint} onChange={setPattern} />
        <Trial kind={kind} pattern={pattern} />
        <TextInput label={text.matches} value={matches} hint={text.matchesHint} isLong onChange={setMatches} />
        <TextInput label={text.differs} value={differs} hint={text.differsHint} isLong onChange={setDiffers} />
        <ReasonInput value={reason} onChange={setReason} />
        <FaultLine fault={saving.fault} words={wordsOf(saving.fault)} />
        <div className="row">
          <Button look="primary" type="submit" isPending={saving.isWorking}>
            {text.save}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Trial({ kind, pattern }: { kind: string; pattern: string }): ReactNode {
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState<{ readonly text: string; readonly finds: readonly Find[] } | null>(null);
  const { fault, isWorking, run, clear } = useWork();
  const go = (): Promise<boolean> =>
    run(async () => {
      setTried(null);
      const { finds } = await tryPattern({ class: kind, pattern, text: typed });
      setTried({ text: typed, finds });
    });
  return (
    <fieldset className="bare stack tight">
      <TextInput
        label={text.tryLabel}
        value={typed}
        hint={text.tryHint}
        isLong
        onChange={(next) => {
          setTyped(next);
          clear();
        }}
      />
      <div className="row">
        <Button isPending={isWorking} onPress={() => void go()}>
          {text.try}
        </Button>
      </div>
      <FaultLine fault={fault} />
      <div role="status">
        {tried === null ? null : (
          <>
            <p className="small">{text.finds(tried.finds.length)}</p>
            {tried.finds.length === 0 ? null : (
              <ul className="small">
                {tried.finds.slice(0, MOST_SHOWN).map(({ start, end }) => (
                  <li key={start}>
                    <code className="wrap">{visible(tried.text.slice(start, end))}</code>
                  </li>
                ))}
                {tried.finds.length > MOST_SHOWN ? <li>{text.more(tried.finds.length - MOST_SHOWN)}</li> : null}
              </ul>
            )}
          </>
        )}
      </div>
    </fieldset>
  );
}
