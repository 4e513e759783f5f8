export { type Address, type AddressClass, classifyAddress, parseAddress } from './address.ts';
export type { JsonReply } from './collect.ts';
export { type Destination, parseDestination } from './destination.ts';
export { createEgress, type Egress, type EgressDeps } from './egress.ts';
export { type EgressCode, EgressFault, egressCodes, isEgressFault } from './errors.ts';
export type { EgressFlow, EgressSink, ReplyHeaders } from './exchange.ts';
export type { Endpoint, Resolve } from './pin.ts';
export type { EgressLimits, EgressRequest } from './request.ts';
export { systemResolve } from './resolve.ts';
