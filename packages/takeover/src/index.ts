export type {Clock} from './clock.ts';
export {createDrivers, type DriverSurroundings, targetsOf} from './create-drivers.ts';
export {type CallContext, type Driver, DriverError, type Observation} from './driver.ts';
export type {ProgramRun, RunProgram} from './drivers/exec.ts';
export {Keeper, type KeeperOptions} from './keeper.ts';
export {createReconciler, nextDeadlineMs, stepReconciler} from './reconciler.ts';
export type {TakeoverReport} from './reconciler-report.ts';
