import {runGroup} from './harness.ts';
import {timingGroup} from './timing-cases.ts';

runGroup(timingGroup);
