export { type RetailStore, type StoreCall, startRetailStore } from './server.ts';
