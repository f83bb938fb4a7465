export * from './advertisement.ts';
export * from './authentication.ts';
export type * from './election/state.ts';
export * from './election.ts';
export type * from './messages.ts';
export * from './rank.ts';
export * from './replay-guard.ts';
export * from './timers.ts';
