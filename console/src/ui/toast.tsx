// One short message at a time, spoken politely. It stays until it is dismissed or replaced: nobody has to hurry to read it.

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { strings } from '../strings/en.ts';
import { Button } from './button.tsx';

type Say = (message: string) => void;
const ToastContext = createContext<Say>(() => undefined);
export const useToast = (): Say => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const [message, setMessage] = useState('');
  const say = useCallback((next: string) => setMessage(next), []);
  const value = useMemo(() => say, [say]);
  return (
    <ToastContext value={value}>
      {children}
      <div className="toast" role="status" aria-live="polite">
        {message === '' ? null : (
          <div>
            <span>{message}</span>
            <Button look="quiet" onPress={() => setMessage('')}>
              {strings.dismiss}
            </Button>
          </div>
        )}
      </div>
    </ToastContext>
  );
}
