// Begins something on the server and says what it answers when it does not; the list tells the rest.

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiFault } from '../../api/client.ts';

export interface Begin {
  readonly isWorking: boolean;
  readonly fault: ApiFault | null;
  readonly run: (ask: () => Promise<unknown>) => void;
}

export function useBegin(): Begin {
  const client = useQueryClient();
  const [isWorking, setWorking] = useState(false);
  const [fault, setFault] = useState<ApiFault | null>(null);
  async function begin(ask: () => Promise<unknown>): Promise<void> {
    setWorking(true);
    setFault(null);
    try {
      await ask();
    } catch (error) {
      setFault(error instanceof ApiFault ? error : new ApiFault(0, 'UNREACHABLE', ''));
    }
    await client.invalidateQueries({ queryKey: ['backups'] });
    setWorking(false);
  }
  return { isWorking, fault, run: (ask) => void begin(ask) };
}
