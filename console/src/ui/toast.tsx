// One short message at a time, spoken politely. It stays until it is dismissed or replaced: nobody has to hurry to read it.

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { strings } from '../strings/en.ts';
import { Button } from './button.tsx';

/** `undo`: what takes it back, offered beside the message until it is dismissed or replaced. */
type Say = (message: string, undo?: { readonly name: string; readonly run: () => void }) => void;
const ToastContext = createContext<Say>(() => undefined);
export const useToast = (): Say => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const [{ message, undo }, setSaid] = useState<{ message: string; undo?: Parameters<Say>[1] | undefined }>({ message: '' });
  const say = useCallback<Say>((next, back) => setSaid({ message: next, undo: back }), []);
  const dismiss = (): void => setSaid({ message: '' });
  const value = useMemo(() => say, [say]);
  return (
    <ToastContext value={value}>
      {children}
      <div className="toast" role="status" aria-live="polite">
        {message === '' ? null : (
          <div>
            <span>{message}</span>
            {undo === undefined ? null : (
              <Button
                look="quiet"
                onPress={() => {
                  dismiss();
                  undo.run();
                }}
              >
                {undo.name}
              </Button>
            )}
            <Button look="quiet" onPress={dismiss}>
              {strings.dismiss}
            </Button>
          </div>
        )}
      </div>
    </ToastContext>
  );
}
