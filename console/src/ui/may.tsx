// What the signed-in person may do, and "why can't I" beside what they may not. An action that is refused is shown, reachable and explained,
// never hidden. It decides nothing: the server decides on every request, and its reason is what the dialog shows.

import { type QueryKey, type UseQueryOptions, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useId, useState } from 'react';
import { type Action, explainQuery, type On } from '../api/access.ts';
import { sessionQuery } from '../api/queries.ts';
import { strings } from '../strings/en.ts';
import { Button, type Props as ButtonProps } from './button.tsx';
import './may.css';

const WhyDialog = lazy(() => import('./why-dialog.tsx').then((file) => ({ default: file.WhyDialog })));
const text = strings.may;

export interface May {
  readonly isAllowed: boolean;
  readonly action: Action;
  readonly on: On | null;
}

/** A grant that holds only somewhere is asked about for the very object; everything else the session already says. */
export function useMay(action: Action, on: On | null = null): May {
  const session = useQuery(sessionQuery).data;
  const isGranted = session?.can.includes(action) === true;
  const isPartial = isGranted && on !== null && session?.canOnlyIn?.includes(action) === true;
  const answer = useQuery({ ...explainQuery({ action, on }), enabled: isPartial }).data;
  return { isAllowed: isGranted && (!isPartial || answer?.isAllowed === true), action, on };
}

/** Asks the server only what the person may see: a question that is known to be refused would stand in the log as an attempt. */
export function useLook<T, K extends QueryKey>(action: Action, options: UseQueryOptions<T, Error, T, K>): UseQueryResult<T, Error> {
  const isAllowed = useQuery(sessionQuery).data?.can.includes(action) === true;
  return useQuery({ ...options, enabled: isAllowed });
}

/** The small link alone, beside something that is no button. */
export function Why({ may, what }: { may: May; what: string }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="why-link" aria-label={text.whyOf(what)} onClick={() => setOpen(true)}>
        {text.why}
      </button>
      {isOpen ? <Reason may={may} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Reason({ may, onClose }: { may: May; onClose: () => void }): ReactNode {
  return (
    <Suspense fallback={null}>
      <WhyDialog action={may.action} on={may.on} onClose={onClose} />
    </Suspense>
  );
}

interface Props extends ButtonProps {
  readonly action: Action;
  readonly on?: On | null;
  /** In a table the button alone opens the reason. */
  readonly isCompact?: boolean;
}

/** A button for those who may; for the others the same words, reachable and off, which open the reason when they are pressed. */
export function MayButton({ action, on = null, isCompact = false, ...props }: Props): ReactNode {
  const may = useMay(action, on);
  if (may.isAllowed) return <Button {...props} />;
  return (
    <OffButton may={may} look={props.look ?? 'plain'} size={props.size ?? 'plain'} name={props['aria-label']} isCompact={isCompact}>
      {props.children}
    </OffButton>
  );
}

interface OffProps {
  readonly may: May;
  readonly look?: string;
  readonly size?: string;
  readonly name?: string | undefined;
  readonly isCompact?: boolean;
  readonly children: ReactNode;
}

const whatOf = (name: string | undefined, children: ReactNode): string => name ?? (typeof children === 'string' ? children : '');

/** Also for an action that something else than a grant rules out. */
export function OffButton({ may, look = 'plain', size = 'plain', name, isCompact = false, children }: OffProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <span className="may">
      <button
        type="button"
        className={`button off ${look === 'primary' ? 'plain' : look} ${size}`}
        aria-disabled="true"
        aria-haspopup="dialog"
        aria-describedby={id}
        {...(name === undefined ? {} : { 'aria-label': name })}
        onClick={() => setOpen(true)}
      >
        {children}
        {isCompact ? (
          <span className="ask" aria-hidden="true">
            ?
          </span>
        ) : null}
      </button>
      <span id={id} className="visually-hidden">
        {text.description}
      </span>
      {isCompact ? null : (
        <button type="button" className="why-link" aria-label={text.whyOf(whatOf(name, children))} onClick={() => setOpen(true)}>
          {text.why}
        </button>
      )}
      {isOpen ? <Reason may={may} onClose={() => setOpen(false)} /> : null}
    </span>
  );
}
