// One item of a review: what is held, how it was used, and the decision with its reason.

import { type FormEvent, type ReactNode, useState } from 'react';
import { type Decision, decideItem, type ReviewItem } from '../../api/reviews.ts';
import { actionName, roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { Until, useViaWords } from './people-words.tsx';

const text = strings.reviews.one;
const DAY_MS = 86_400_000;
type Verb = Decision['decision'];

export function ItemCell({ item }: { item: ReviewItem }): ReactNode {
  const viaWords = useViaWords();
  return (
    <>
      <b>{item.kind === 'grant' ? visible(roleName(item.name)) : visible(item.name)}</b>
      <div className="small soft">
        {text.kinds[item.kind] ?? item.kind}
        {item.via === null || item.via === 'direct' ? null : ` · ${viaWords(item.via)}`}
      </div>
      {item.expiresAt === null ? null : (
        <div className="small">
          <Until at={item.expiresAt} />
        </div>
      )}
      {item.conflicts.map(([a, b]) => (
        <div key={`${a} ${b}`} className="small clash">
          <Icon name="warn" size={14} />
          {text.conflict(actionName(a), actionName(b))}
        </div>
      ))}
    </>
  );
}

export function UseCell({ item: { usage, grantedAt } }: { item: ReviewItem }): ReactNode {
  const all = usage.usedActions.length + usage.unusedActions.length;
  // What was given the other day says nothing by not having been used yet.
  const isNew = grantedAt !== null && Date.now() - Date.parse(grantedAt) < usage.windowDays * DAY_MS;
  if (usage.count === 0 && isNew) return <span className="soft">{text.notUsedYet}</span>;
  if (usage.count === 0) return <Badge tone="warn">{text.notUsed(usage.windowDays)}</Badge>;
  return (
    <>
      {strings.people.grants.usedTimes(formatCount(usage.count))}
      {all === 0 ? null : <div className="small">{text.usedOf(usage.usedActions.length, all)}</div>}
      {usage.lastUsedAt === null ? null : (
        <div className="small soft">
          {text.last} <Time iso={usage.lastUsedAt} />
        </div>
      )}
    </>
  );
}

interface CellProps {
  readonly item: ReviewItem;
  readonly isOpen: boolean;
  readonly onDecide: (decision: Verb) => void;
}

export function DecisionCell({ item, isOpen, onDecide }: CellProps): ReactNode {
  if (item.decision !== null) {
    return (
      <>
        <Badge tone={item.decision === 'keep' ? 'plain' : 'good'}>{text.decided[item.decision] ?? item.decision}</Badge>
        {item.outcome === 'gone' ? <div className="small soft">{text.gone}</div> : null}
        {item.reason === null ? null : <div className="small soft">{visible(item.reason)}</div>}
      </>
    );
  }
  if (item.isOwn) return <span className="small soft">{text.own}</span>;
  if (!isOpen) return <span className="soft">{strings.none}</span>;
  const who = item.subjectName ?? strings.people.noName;
  const what = roleName(item.name);
  return (
    <div className="row snug">
      <MayButton action="access.review" isCompact aria-label={text.keepOf(what, who)} onPress={() => onDecide('keep')}>
        {text.keep}
      </MayButton>
      <MayButton action="access.review" isCompact look="danger" aria-label={text.removeOf(what, who)} onPress={() => onDecide('remove')}>
        {text.remove}
      </MayButton>
      {item.smallerRole === null ? null : (
        <MayButton
          action="access.review"
          isCompact
          aria-label={text.changeOf(what, who, roleName(item.smallerRole))}
          onPress={() => onDecide('change')}
        >
          {text.change(roleName(item.smallerRole))}
        </MayButton>
      )}
    </div>
  );
}

interface DialogProps {
  readonly review: string;
  readonly item: ReviewItem;
  readonly decision: Verb;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** The usual reason stands there already, so that the keyboard alone decides; it can be said better. */
export function DecideDialog({ review, item, decision, onDone, onClose }: DialogProps): ReactNode {
  const [reason, setReason] = useState<string>(text.reasons[decision]);
  const { fault, isWorking, run } = useWork();
  const who = item.subjectName ?? strings.people.noName;
  const what = roleName(item.name);
  const sentence =
    decision === 'keep'
      ? text.keepOf(what, who)
      : decision === 'remove'
        ? text.removeOf(what, who)
        : text.changeOf(what, who, roleName(item.smallerRole ?? ''));
  async function decide(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      const role = decision === 'change' && item.smallerRole !== null ? { role: item.smallerRole } : {};
      await decideItem(review, item.id, { decision, reason: reason.trim(), ...role });
      await onDone();
      onClose();
    });
  }
  return (
    <Dialog title={text.title[decision]} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void decide(event)}>
        <p>{sentence}</p>
        <TextInput label={text.reason} hint={text.reasonHint} value={reason} onChange={setReason} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button
            type="submit"
            look={decision === 'keep' ? 'primary' : 'danger'}
            isPending={isWorking}
            isDisabled={reason.trim() === ''}
            autoFocus
          >
            {decision === 'keep' ? text.keep : decision === 'remove' ? text.remove : text.change(roleName(item.smallerRole ?? ''))}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
