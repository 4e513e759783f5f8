// An open database transaction as the rooms above storage see it: a token that can be passed on, never looked into.
// Only storage and a room's own `store/` can turn it back into a connection.

declare const txBrand: unique symbol;

export interface Tx {
  readonly [txBrand]: true;
}
