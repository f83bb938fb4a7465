import {runGroup} from './harness.ts';
import {healthGroup} from './health-cases.ts';

runGroup(healthGroup);
