// The states every screen has besides its content: loading, empty, nothing matches, failed, denied.

import type { ReactNode } from 'react';
import { ApiFault } from '../api/client.ts';
import { strings } from '../strings/en.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icons.tsx';

const text = strings.states;

export function Loading(): ReactNode {
  return (
    <div className="stack tight" role="status">
      <span className="visually-hidden">{text.loading}</span>
      <div className="skeleton" />
      <div className="skeleton" />
      <div className="skeleton" />
    </div>
  );
}

interface NoticeProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ReactNode;
  readonly isAlert?: boolean;
}

export function Notice({ icon, title, children, isAlert = false }: NoticeProps): ReactNode {
  return (
    <div className="state" {...(isAlert ? { role: 'alert' } : {})}>
      <Icon name={icon} size={32} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function NoMatch({ onClear }: { onClear: () => void }): ReactNode {
  return (
    <Notice icon="search" title={text.noMatchTitle}>
      <p>{text.noMatchLead}</p>
      <Button onPress={onClear}>{strings.clearFilters}</Button>
    </Notice>
  );
}

/** Denied and not found are answers; everything else is a failure that may pass. */
export function Failed({ fault, onRetry }: { fault: unknown; onRetry: () => void }): ReactNode {
  const known = fault instanceof ApiFault ? fault : null;
  if (known?.status === 403) {
    return (
      <Notice icon="lock" title={text.deniedTitle} isAlert>
        <p>{text.deniedLead}</p>
        <p>{known.message}</p>
        <Code code={known.code} />
      </Notice>
    );
  }
  if (known?.status === 404) {
    return (
      <Notice icon="search" title={text.notFoundTitle}>
        <p>{text.notFoundLead}</p>
      </Notice>
    );
  }
  return (
    <Notice icon="warn" title={text.failedTitle} isAlert>
      <p>{text.failedLead}</p>
      {known === null ? null : <Code code={known.code} />}
      <Button onPress={onRetry}>{strings.tryAgain}</Button>
    </Notice>
  );
}

function Code({ code }: { code: string }): ReactNode {
  return (
    <p className="small">
      {text.code} <code>{code}</code>
    </p>
  );
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

/** Shows the content when it is there; otherwise why it is not. Old data stay visible while a refresh fails, with a word about it. */
export function Answer<T>({ query, children }: { query: Asked<T>; children: (data: T) => ReactNode }): ReactNode {
  const retry = (): void => void query.refetch();
  if (query.data !== undefined) {
    return (
      <>
        {query.error === null ? null : (
          <p className="badge warn" role="alert">
            {text.failedLead}
          </p>
        )}
        {children(query.data)}
      </>
    );
  }
  return query.error === null ? <Loading /> : <Failed fault={query.error} onRetry={retry} />;
}
