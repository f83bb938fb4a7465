export type {Diagnostic} from './diagnostics.ts';
export type * from './model.ts';
