// Begins something on the server and says what it answers when it does not; the list tells the rest.

import { useQueryClient } from '@tanstack/react-query';
import type { ApiFault } from '../../api/client.ts';
import { useWork } from '../../ui/use-work.ts';

export interface Begin {
  readonly isWorking: boolean;
  readonly fault: ApiFault | null;
  readonly run: (ask: () => Promise<unknown>) => void;
}

export function useBegin(): Begin {
  const client = useQueryClient();
  const tell = (): Promise<void> => client.invalidateQueries({ queryKey: ['backups'] });
  const { isWorking, fault, run } = useWork(tell);
  return {
    isWorking,
    fault,
    run: (ask) =>
      void run(async () => {
        await ask();
        await tell();
      }),
  };
}
