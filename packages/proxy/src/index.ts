export {
	describeDescriptorShortage,
	neededDescriptors,
	readDescriptorLimit,
} from './descriptor-limit.ts';
export {type Engine, type EngineLogLevel, type EngineOptions, StartError, startEngine} from './engine.ts';
export {describeListenError, type ListenError} from './listen-errors.ts';
export type * from './messages.ts';
export type {Identity, IdentityRequest, MachineFacts, PrivilegePlan} from './privileges/plan.ts';
export {privilegeCommand, readMachineFacts, switchInProcess} from './privileges.ts';
export {processEntry} from './process-entry.ts';
export type {CarriedEntries, CarriedOrder, CarriedPatterns, CarriedState} from './reload/carried-state.ts';
export {runStandalone, type StandaloneIo} from './standalone.ts';
export {LoopDelayMeter} from './system/loop-delay.ts';
