import {runGroup} from './harness.ts';
import {statsGroup} from './stats-cases.ts';

runGroup(statsGroup);
