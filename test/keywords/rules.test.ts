import {runGroup} from './harness.ts';
import {rulesGroup} from './rules-cases.ts';

runGroup(rulesGroup);
