import {runGroup} from './harness.ts';
import {logsGroup} from './logs-cases.ts';

runGroup(logsGroup);
