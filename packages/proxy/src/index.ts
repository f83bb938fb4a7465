export {
	describeDescriptorShortage,
	neededDescriptors,
	readDescriptorLimit,
} from './descriptor-limit.ts';
export {type Engine, type EngineLogLevel, type EngineOptions, StartError, startEngine} from './engine.ts';
export {describeListenError, type ListenError} from './listen-errors.ts';
export type * from './messages.ts';
export {lockIdentities} from './privileges/identity-lock.ts';
export type {Identity, IdentityRequest, MachineFacts, PrivilegePlan} from './privileges/plan.ts';
export {heartbeatCommand, privilegeCommand, readMachineFacts, switchInProcess} from './privileges.ts';
export {leanStart, processEntry} from './process-entry.ts';
export type {CarriedEntries, CarriedOrder, CarriedPatterns, CarriedState} from './reload/carried-state.ts';
export {runStandalone, type StandaloneIo} from './standalone.ts';
export {systemCalls} from './system/calls.ts';
export {LoopDelayMeter} from './system/loop-delay.ts';
export {keepSpareMemoryLow} from './system/spare-memory.ts';
