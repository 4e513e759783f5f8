// What a ticket of the demonstration is: who writes, what, and whether somebody tries to steal with it.

import type { Customer, Order } from '../shop/index.ts';

/** The customer who writes, and somebody else. */
export interface Writer {
  readonly customer: Customer;
  readonly order: Order;
  readonly other: Customer;
  readonly otherOrder: Order;
}

export interface ScenarioTicket {
  /** Names it across restarts. */
  readonly key: string;
  readonly subject: string;
  readonly body: string;
  /** What an honest reader would cut out: a part of the body, word for word. */
  readonly poison: string | null;
  /** What the thief wants, in plain words. */
  readonly attempt: string | null;
  /** A refund the customer may rightly ask for. */
  readonly due: { readonly order: string; readonly amount: string } | null;
}

export interface CastTicket extends ScenarioTicket {
  readonly customerId: string;
}
